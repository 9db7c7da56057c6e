/** A worker's untrusted half: follows the chain, feeds Core, settles. */
export { type SurfaceConfig, surfaceTable } from './config.ts'
export type { LaunchWorkerCore, WorkerCore } from './core-host.ts'
export { WrongNetworkError } from './network-check.ts'
export { NoWorkerError, readStatus, type SurfaceStatus, type TaskSummary } from './status.ts'
export { type Surface, type SurfaceParts, startSurface } from './surface.ts'
