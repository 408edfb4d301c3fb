// The blocked matrix product (Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication").
//
// The operand with fewer rows is packed into shared space by all threads together; the other is cut into tasks, and a
// task packs its own block into local space, where the second-level cache holds it, and multiplies it with every shared
// panel. K is cut into blocks of one size; sums go through c, or through local space where c cannot hold them.
#include "gemm.h"
#include "gemm-tile.h"

namespace alippe::ALIPPE_ISA {

constexpr int64_t CELL_BLOCK = 1024;                      // at most so many cells of K at a time
constexpr int64_t LOCAL_CELLS = 112 * 1024;               // of a task's packed block
constexpr int64_t LOCAL_SHARED_CELLS = 512 * 1024;        // of the other operand when a thread works alone
constexpr int64_t SHARED_CELLS = SHARED_BYTES / 4;
constexpr int64_t SCRATCH_CELLS = (LOCAL_BYTES >> 2) - 256 * 1024;  // of a task's sums
static_assert(CELL_BLOCK * NR <= 256 * 1024, "a panel must fit where local blocks go");

using Pack = void (*)(const Operand&, int64_t, int64_t, int64_t, int64_t, float*, int64_t);

static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }
static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

template <int R>
static Pack packOf(const Operand& operand, bool bf16) {
#if defined(__AVX512BF16__)
  if (bf16) return operand.dtype == BF16 ? pack<PairsFromBf16, R> : pack<PairsFromF32, R>;
#endif
  if (operand.dtype == F16) return pack<FromF16, R>;
  if (operand.dtype == BF16) return pack<FromBf16, R>;
  return bf16 ? pack<Rounded, R> : pack<FromF32, R>;
}

struct Side {
  const Operand* operand;
  Pack pack;
  int64_t rows, R, panels;
};

struct Plan {
  Side local, shared;
  bool localIsA;
  int64_t per, kCells, blockCells, blocks;  // k per cell; cells of K; of a block; blocks
  bool throughScratch;  // sums cannot wait in c
  Tile tiles[MR + 1][3];
};

static void fillTiles(Plan& plan, bool bf16) {
  for (int rows = 1; rows <= MR; rows++)
    for (int vectors = 1; vectors <= 2; vectors++) {
#if defined(__AVX512BF16__)
      if (bf16) {
        plan.tiles[rows][vectors] = tileOf<Pairs>(rows, vectors);
        continue;
      }
#endif
      (void)bf16;
      plan.tiles[rows][vectors] = tileOf<Singles>(rows, vectors);
    }
}

static bool isPlain(const Product& p) {
  return p.cType == F32 && !p.bias && !p.pre && !p.residual && p.activation == NONE;
}

static void makePlan(Plan& plan, const Product& p) {
  Side a = {&p.a, packOf<MR>(p.a, p.bf16), p.M, MR, divideUp(p.M, MR)};
  Side b = {&p.b, packOf<NR>(p.b, p.bf16), p.N, NR, divideUp(p.N, NR)};
  plan.localIsA = p.M > p.N;
  plan.local = plan.localIsA ? a : b;
  plan.shared = plan.localIsA ? b : a;
  plan.per = 1;
#if defined(__AVX512BF16__)
  if (p.bf16) plan.per = 2;
#endif
  plan.kCells = divideUp(p.K, plan.per);
  plan.blocks = most(1, divideUp(plan.kCells, CELL_BLOCK));
  plan.blockCells = most(1, divideUp(plan.kCells, plan.blocks));
  plan.blocks = most(1, divideUp(plan.kCells, plan.blockCells));
  plan.throughScratch = plan.blocks > 1 && (p.cType != F32 || p.residual == p.c);
  fillTiles(plan, p.bf16);
}

static int64_t cellsOf(const Plan& plan, int64_t block) {
  return least(plan.blockCells, plan.kCells - block * plan.blockCells);
}

// k of a block of cells: the last cell may hold one less than `per`.
static int64_t kOf(const Plan& plan, const Product& p, int64_t cell, int64_t cells) {
  return least(p.K, (cell + cells) * plan.per) - cell * plan.per;
}

// Panels of a and b for one block of K, the place in c that they give, and where sums wait.
struct Block {
  const float *a, *b;
  int64_t row, rows, column, columns, cells;
  bool first, last;
  float* scratch;
  int64_t scratchStride;
};

static void multiplyTile(const Plan& plan, const Product& p, const Block& block, int64_t row, int64_t column) {
  int64_t rows = least(MR, block.rows - row), columns = least(NR, block.columns - column);
  int vectors = (int)divideUp(columns, WIDTH);
  const float* a = block.a + row * block.cells;
  const float* b = block.b + column * block.cells;
  Tile tile = plan.tiles[rows][vectors];
  bool fresh = block.first && !p.accumulate;
  int64_t atRow = block.row + row, atColumn = block.column + column;
  if (block.scratch) {
    float* sums = block.scratch + row * block.scratchStride + column;
    tile(block.cells, a, 0, 0, b, NR, fresh ? nullptr : sums, block.scratchStride, sums, block.scratchStride);
    if (block.last) finish(p, atRow, rows, atColumn, columns, sums, block.scratchStride);
    return;
  }
  alignas(64) float buffer[MR * NR];
  float* c = (float*)p.c + atRow * p.stride + atColumn;  // only when c is f32
  bool whole = columns == vectors * WIDTH, plain = !block.last || isPlain(p);
  if (whole && plain) {
    tile(block.cells, a, 0, 0, b, NR, fresh ? nullptr : c, p.stride, c, p.stride);
    return;
  }
  if (!fresh)
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j += WIDTH)
        store(buffer + i * NR + j, load_n(c + i * p.stride + j, least(WIDTH, columns - j)));
  tile(block.cells, a, 0, 0, b, NR, fresh ? nullptr : buffer, NR, buffer, NR);
  if (!plain) return finish(p, atRow, rows, atColumn, columns, buffer, NR);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += WIDTH)
      store_n(c + i * p.stride + j, load(buffer + i * NR + j), least(WIDTH, columns - j));
}

// The operand that the task packed is in the inner loop: it stays in the second-level cache.
static void multiply(const Plan& plan, const Product& p, const Block& block) {
  if (plan.localIsA) {
    for (int64_t column = 0; column < block.columns; column += NR)
      for (int64_t row = 0; row < block.rows; row += MR) multiplyTile(plan, p, block, row, column);
  } else {
    for (int64_t row = 0; row < block.rows; row += MR)
      for (int64_t column = 0; column < block.columns; column += NR) multiplyTile(plan, p, block, row, column);
  }
}

// Part of the shared operand that is packed at one time, and how the work on it is cut.
struct Chunk {
  float* panels;                 // [blocks][panels][cells · R]
  int64_t row, rows;             // of the shared operand
  int64_t firstBlock, blocks;    // of K
  int64_t localTasks, sharedTasks;
};

static float* panelsOf(const Plan& plan, const Chunk& chunk, int64_t block) {
  return chunk.panels + block * plan.blockCells * divideUp(chunk.rows, plan.shared.R) * plan.shared.R;
}

// One task: local panels [first, end) against shared panels of its share, over the blocks of the chunk.
static void runTask(const Plan& plan, const Product& p, const Chunk& chunk, int64_t task, char* space) {
  const Side &local = plan.local, &shared = plan.shared;
  int64_t l = task / chunk.sharedTasks, s = task % chunk.sharedTasks;
  int64_t chunkPanels = divideUp(chunk.rows, shared.R);
  int64_t first = l * local.panels / chunk.localTasks * local.R;
  int64_t rows = least(local.rows, (l + 1) * local.panels / chunk.localTasks * local.R) - first;
  int64_t sharedFirst = s * chunkPanels / chunk.sharedTasks * shared.R;
  int64_t sharedRows = least(chunk.rows, (s + 1) * chunkPanels / chunk.sharedTasks * shared.R) - sharedFirst;
  if (rows <= 0 || sharedRows <= 0) return;
  float* packed = (float*)space;
  float* scratch = plan.throughScratch ? (float*)space + 256 * 1024 : nullptr;
  for (int64_t i = 0; i < chunk.blocks; i++) {
    int64_t block = chunk.firstBlock + i, cell = block * plan.blockCells, cells = cellsOf(plan, block);
    local.pack(*local.operand, first, rows, cell * plan.per, kOf(plan, p, cell, cells), packed, cells * local.R);
    const float* sharedPanels = panelsOf(plan, chunk, i) + sharedFirst * cells;
    Block part = {};
    part.a = plan.localIsA ? packed : sharedPanels;
    part.b = plan.localIsA ? sharedPanels : packed;
    part.row = plan.localIsA ? first : chunk.row + sharedFirst;
    part.rows = plan.localIsA ? rows : sharedRows;
    part.column = plan.localIsA ? chunk.row + sharedFirst : first;
    part.columns = plan.localIsA ? sharedRows : rows;
    part.cells = cells;
    part.first = block == 0;
    part.last = block == plan.blocks - 1;
    part.scratch = scratch;
    part.scratchStride = divideUp(part.columns, NR) * NR;
    multiply(plan, p, part);
  }
}

// Tasks are pieces of the shared operand: some panels, some cells of one block.
constexpr int64_t PIECE_CELLS = 256;
static int64_t piecePanels(const Side& side) { return most(1, 256 / side.R); }

static int64_t pieceCount(const Plan& plan, const Chunk& chunk) {
  int64_t groups = divideUp(divideUp(chunk.rows, plan.shared.R), piecePanels(plan.shared));
  return groups * chunk.blocks * divideUp(plan.blockCells, PIECE_CELLS);
}

static void packPiece(const Plan& plan, const Product& p, const Chunk& chunk, int64_t piece) {
  const Side& side = plan.shared;
  int64_t slices = divideUp(plan.blockCells, PIECE_CELLS), group = piece / slices / chunk.blocks;
  int64_t i = piece / slices % chunk.blocks, block = chunk.firstBlock + i;
  int64_t cells = cellsOf(plan, block), start = piece % slices * PIECE_CELLS;
  if (start >= cells) return;
  int64_t panel = group * piecePanels(side), row = panel * side.R;
  int64_t rows = least(chunk.rows - row, piecePanels(side) * side.R);
  int64_t count = least(PIECE_CELLS, cells - start), cell = block * plan.blockCells + start;
  float* to = panelsOf(plan, chunk, i) + panel * side.R * cells + start * side.R;
  side.pack(*side.operand, chunk.row + row, rows, cell * plan.per, kOf(plan, p, cell, count), to, cells * side.R);
}

static void cutTasks(const Plan& plan, const Product& p, Chunk& chunk, int64_t threads) {
  const Side &local = plan.local, &shared = plan.shared;
  int64_t most_ = most(1, LOCAL_CELLS / (plan.blockCells * local.R));
  int64_t sharedPanels = divideUp(chunk.rows, shared.R);
  chunk.sharedTasks = 1;
  if (plan.throughScratch) {
    // A task's sums, padded to whole panels, must fit.
    int64_t fits = SCRATCH_CELLS / (local.R * NR * divideUp(shared.R, NR) * sharedPanels);
    most_ = most(1, least(most_, fits));
    if (!fits) chunk.sharedTasks = divideUp(local.R * NR * divideUp(shared.R, NR) * sharedPanels, SCRATCH_CELLS);
  }
  int64_t tasks = divideUp(local.panels, most_);
  // Several tasks for every thread, so that one that is held up costs little, unless they would be very small.
  double work = 2.0 * (double)p.M * (double)p.N * (double)p.K;
  int64_t wanted = work > 4e6 * (double)threads ? threads * 4 : work > 2e5 ? threads : 1;
  if (tasks < wanted) tasks = least(local.panels, wanted);
  else if (tasks < threads * 8) tasks = least(local.panels, divideUp(tasks, threads) * threads);
  chunk.localTasks = tasks;
  if (tasks < threads && work > 2e5) {
    int64_t split = least(sharedPanels, divideUp(threads, tasks));
    chunk.sharedTasks = most(chunk.sharedTasks, split);
  }
}

static void chooseChunk(const Plan& plan, int64_t space, int64_t& rows, int64_t& blocks) {
  const Side& shared = plan.shared;
  int64_t cells = plan.throughScratch ? plan.blocks * plan.blockCells : plan.blockCells;
  rows = most(1, least(shared.panels, space / cells / shared.R)) * shared.R;
  blocks = plan.throughScratch ? plan.blocks : most(1, least(plan.blocks, space / (rows * plan.blockCells)));
}

// A chain of K so long that one panel of it does not fit, with sums that cannot wait in c: nothing real; plain loops.
static void productByElements(Context& context, const Product& p) {
  for (int64_t row; (row = context.take(p.M)) >= 0;)
    for (int64_t column = 0; column < p.N; column++) {
      float total = 0;
      for (int64_t k = 0; k < p.K; k++) total += element(p.a, p.bf16, row, k) * element(p.b, p.bf16, column, k);
      finish(p, row, 1, column, 1, &total, 1);
    }
}

void product(Context& context, const Product& p) {
  if (!p.M || !p.N) return;
  Plan plan;
  makePlan(plan, p);
  if (plan.throughScratch && plan.blocks * plan.blockCells * plan.shared.R > SHARED_CELLS)
    return productByElements(context, p);
  int64_t rows, blocks;
  chooseChunk(plan, SHARED_CELLS, rows, blocks);
  bool again = false;
  for (int64_t row = 0; row < plan.shared.rows; row += rows)
    for (int64_t block = 0; block < plan.blocks; block += blocks) {
      Chunk chunk = {(float*)context.shared, row, least(rows, plan.shared.rows - row),
                     block, least(blocks, plan.blocks - block), 1, 1};
      cutTasks(plan, p, chunk, context.threads);
      if (again) context.sync();
      again = true;
      int64_t pieces = pieceCount(plan, chunk), tasks = chunk.localTasks * chunk.sharedTasks;
      for (int64_t piece; (piece = context.take(pieces)) >= 0;) packPiece(plan, p, chunk, piece);
      context.sync();
      for (int64_t task; (task = context.take(tasks)) >= 0;) runTask(plan, p, chunk, task, context.local);
    }
}

bool fitsAlone(const Product& p) {
  Plan plan;
  makePlan(plan, p);
  return !plan.throughScratch && plan.shared.panels * plan.shared.R * plan.kCells <= LOCAL_SHARED_CELLS;
}

void productAlone(Context& context, const Product& p) {
  if (!p.M || !p.N) return;
  Plan plan;
  makePlan(plan, p);
  Chunk chunk = {(float*)context.local + 256 * 1024, 0, plan.shared.rows, 0, plan.blocks, 1, 1};
  cutTasks(plan, p, chunk, 1);
  int64_t pieces = pieceCount(plan, chunk), tasks = chunk.localTasks * chunk.sharedTasks;
  for (int64_t piece = 0; piece < pieces; piece++) packPiece(plan, p, chunk, piece);
  for (int64_t task = 0; task < tasks; task++) runTask(plan, p, chunk, task, context.local);
}

}  // namespace alippe::ALIPPE_ISA
