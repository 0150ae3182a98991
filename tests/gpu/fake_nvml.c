/* A driver library whose answers are in a mapped file (FAKE_NVML names it; fake_nvml.py writes it). */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICES 24
#define ROWS 32
#define FUNCTIONS 24
enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID = 2, UNSUPPORTED = 3, FORBIDDEN = 4, NOT_FOUND = 6,
       SMALL = 7, NOT_LOADED = 9, VERSION = 25 };
enum { F_INIT, F_COUNT, F_HANDLE, F_NAME, F_UUID, F_MEMORY, F_MEMORY_V2, F_COMPUTE, F_GRAPHICS, F_UTILISATION,
       F_ACCOUNTING_MODE, F_ACCOUNTING_STATS, F_MIG_MODE, F_MIG_COUNT, F_MIG_HANDLE, F_DRIVER };

typedef struct { uint32_t pid, graphics; uint64_t used, peak; } Row;
typedef struct {
  char uuid[96], name[96];
  uint64_t total, reserved, tenants;
  uint32_t parent;         /* 0: a card; n: an instance of device n - 1 */
  uint32_t mig, hidden, shifted, not_available, accounting, gpu, memory, rows;
  int32_t errors[FUNCTIONS];
  Row row[ROWS];
} Device;
typedef struct { uint32_t devices; int32_t errors[FUNCTIONS]; uint64_t calls[FUNCTIONS]; char driver[80]; Device device[DEVICES]; } State;

static State *state;
static int opened;

int fake_nvml_attach(const char *path) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return 0;
  void *at = mmap(NULL, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (at == MAP_FAILED) return 0;
  state = at; /* the state before stays mapped: handles that a reader kept point into it */
  return 1;
}
void fake_nvml_detach(void) { if (state) munmap(state, sizeof(State)); state = NULL; }
uint64_t fake_nvml_size(void) { return sizeof(State); }

static int ask(int function, Device *device) {
  const char *path;
  if (!state && ((path = getenv("FAKE_NVML")) == NULL || !fake_nvml_attach(path))) return NOT_LOADED;
  __atomic_add_fetch(&state->calls[function], 1, __ATOMIC_SEQ_CST);
  if (state->errors[function]) return state->errors[function];
  if (!opened && function != F_INIT) return UNINITIALIZED;
  return device ? device->errors[function] : SUCCESS;
}
#define ASK(function, device) do { int bad = ask(function, device); if (bad) return bad; } while (0)

static uint64_t in_use(Device *device) {
  uint64_t sum = device->tenants;
  for (uint32_t i = 0; i < device->rows; i++) sum += device->row[i].used;
  return sum;
}

int nvmlInitWithFlags(unsigned flags) { (void)flags; ASK(F_INIT, NULL); opened++; return SUCCESS; }
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { if (!opened) return UNINITIALIZED; opened--; return SUCCESS; }
const char *nvmlErrorString(int code) { (void)code; return "scripted error"; }
int nvmlSystemGetDriverVersion(char *out, unsigned size) { ASK(F_DRIVER, NULL); strncpy(out, state->driver, size); return SUCCESS; }

int nvmlDeviceGetCount_v2(unsigned *count) {
  ASK(F_COUNT, NULL);
  *count = 0;
  for (uint32_t i = 0; i < state->devices; i++) *count += state->device[i].parent == 0;
  return SUCCESS;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **out) {
  ASK(F_HANDLE, NULL);
  for (uint32_t i = 0, card = 0; i < state->devices; i++)
    if (state->device[i].parent == 0 && card++ == index) {
      *out = &state->device[i];
      return (*out)->errors[F_HANDLE];
    }
  return INVALID;
}
int nvmlDeviceGetName(Device *device, char *out, unsigned size) { ASK(F_NAME, device); strncpy(out, device->name, size); return SUCCESS; }
int nvmlDeviceGetUUID(Device *device, char *out, unsigned size) { ASK(F_UUID, device); strncpy(out, device->uuid, size); return SUCCESS; }

typedef struct { uint64_t total, free, used; } Memory;
int nvmlDeviceGetMemoryInfo(Device *device, Memory *out) {
  ASK(F_MEMORY, device);
  if (device->mig) return FORBIDDEN;
  out->total = device->total;
  out->used = in_use(device) + device->reserved;
  out->free = out->total > out->used ? out->total - out->used : 0;
  return SUCCESS;
}
typedef struct { unsigned version; uint64_t total, reserved, free, used; } Memory2;
#ifndef WITHOUT_MEMORY_V2
int nvmlDeviceGetMemoryInfo_v2(Device *device, Memory2 *out) {
  ASK(F_MEMORY_V2, device);
  if (device->mig) return FORBIDDEN;
  if (out->version != (sizeof(Memory2) | (2u << 24))) return VERSION;
  out->total = device->total;
  out->reserved = device->reserved;
  out->used = in_use(device);
  out->free = out->total > out->used + out->reserved ? out->total - out->used - out->reserved : 0;
  return SUCCESS;
}
#endif

typedef struct { unsigned pid; uint64_t used; unsigned gpu_instance, compute_instance; } Info;
static int list(Device *device, unsigned *count, Info *out, uint32_t graphics) {
  unsigned room = *count, found = 0;
  if (device->mig) return FORBIDDEN;
  for (uint32_t i = 0; !device->hidden && i < device->rows; i++) {
    Row *row = &device->row[i];
    if (!row->used || row->graphics != graphics) continue;
    if (out && found < room)
      out[found] = (Info){row->pid + device->shifted, device->not_available ? UINT64_MAX : row->used, ~0u, ~0u};
    found++;
  }
  *count = found;
  return found > room ? SMALL : SUCCESS;
}
#ifndef WITHOUT_PROCESSES
int nvmlDeviceGetComputeRunningProcesses_v3(Device *device, unsigned *count, Info *out) { ASK(F_COMPUTE, device); return list(device, count, out, 0); }
#endif
int nvmlDeviceGetGraphicsRunningProcesses_v3(Device *device, unsigned *count, Info *out) { ASK(F_GRAPHICS, device); return list(device, count, out, 1); }

typedef struct { unsigned gpu, memory; } Utilisation;
int nvmlDeviceGetUtilizationRates(Device *device, Utilisation *out) {
  ASK(F_UTILISATION, device);
  if (device->mig || device->parent) return UNSUPPORTED;
  *out = (Utilisation){device->gpu, device->memory};
  return SUCCESS;
}

typedef struct { unsigned gpu, memory; uint64_t most, time, start; unsigned running, reserved[5]; } Stats;
int nvmlDeviceGetAccountingMode(Device *device, unsigned *mode) { ASK(F_ACCOUNTING_MODE, device); *mode = device->accounting; return SUCCESS; }
int nvmlDeviceGetAccountingStats(Device *device, unsigned pid, Stats *out) {
  ASK(F_ACCOUNTING_STATS, device);
  if (!device->accounting) return UNSUPPORTED;
  for (uint32_t i = 0; i < device->rows; i++)
    if (device->row[i].pid + device->shifted == pid) {
      *out = (Stats){0, 0, device->row[i].peak, 0, 0, 1, {0}};
      return SUCCESS;
    }
  return NOT_FOUND;
}

int nvmlDeviceGetMigMode(Device *device, unsigned *now, unsigned *next) { ASK(F_MIG_MODE, device); *now = *next = device->mig; return SUCCESS; }
int nvmlDeviceGetMaxMigDeviceCount(Device *device, unsigned *count) { ASK(F_MIG_COUNT, device); *count = device->mig ? 7 : 0; return SUCCESS; }
int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, unsigned index, Device **out) {
  ASK(F_MIG_HANDLE, device);
  uint32_t self = (uint32_t)(device - state->device) + 1;
  for (uint32_t i = 0, part = 0; i < state->devices; i++)
    if (state->device[i].parent == self && part++ == index) {
      *out = &state->device[i];
      return SUCCESS;
    }
  return NOT_FOUND;
}
