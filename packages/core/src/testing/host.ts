/** A host that starts a Core, gives it a task without end, tells both process ids, and waits to be killed. */
import { launchCore } from '../launch.ts'
import { ATTEST } from './core-in-process.ts'
import { configOf, endlessRequest } from './world.ts'

const core = await launchCore({ ...configOf(), role: 'worker' })
const { inputKey } = await core.attest(ATTEST)
core.execute(await endlessRequest(inputKey)).catch(() => {})
process.stdout.write(`${core.pid}\n`)
