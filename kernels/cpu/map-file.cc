// mapFile(path): an ArrayBuffer over the pages of a file, which are read when they are touched and belong to the system's
// cache; null where it cannot be had (no file, an empty one, a host that allows no such buffers). Writing to it changes
// nothing on the disk. A file that is cut short while it is mapped ends the process: map only what is never rewritten.
#include "map-file.h"
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

void unmap(napi_env, void* data, void* bytes) { munmap(data, (size_t)(uintptr_t)bytes); }

}  // namespace

namespace alippe {

napi_value mapFile(napi_env env, napi_callback_info info) {
  napi_value path, none;
  size_t count = 1, length = 0;
  napi_get_null(env, &none);
  if (napi_get_cb_info(env, info, &count, &path, nullptr, nullptr) != napi_ok || count < 1) return none;
  if (napi_get_value_string_utf8(env, path, nullptr, 0, &length) != napi_ok) return none;
  char* name = (char*)malloc(length + 1);
  if (!name) return none;
  napi_get_value_string_utf8(env, path, name, length + 1, &length);
  int file = open(name, O_RDONLY | O_CLOEXEC);
  free(name);
  if (file < 0) return none;
  struct stat found;
  void* data = MAP_FAILED;
  size_t bytes = 0;
  if (fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0) {
    bytes = (size_t)found.st_size;
    data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  }
  close(file);
  if (data == MAP_FAILED) return none;
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, data, bytes, unmap, (void*)(uintptr_t)bytes, &buffer) == napi_ok) return buffer;
  munmap(data, bytes);
  return none;
}

}  // namespace alippe
