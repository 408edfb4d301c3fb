#pragma once
#include <node_api.h>

namespace alippe {

napi_value mapFile(napi_env env, napi_callback_info info);

}
