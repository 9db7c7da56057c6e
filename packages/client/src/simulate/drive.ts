/** Goes on with a run, and gives it what it asks for: proofs of the chain's state, and answers to private calls. */
import { isPending, type PrivateSteps, type Wanted } from '@enigma/evm/private'
import type { ChainState } from './chain-state.ts'
import type { SimulatedEnclave } from './enclave.ts'

export type DriveOptions = {
  /** Hears of everything that is proven. */
  note?: (wanted: Wanted) => void
  /** Of runs that make private calls. */
  enclave?: SimulatedEnclave
}

export async function drive<Value>(
  state: ChainState,
  steps: PrivateSteps<Value>,
  { note, enclave }: DriveOptions = {},
): Promise<Value> {
  for (;;) {
    const { value, done } = steps.next()
    if (done) return value
    if (value === 'turn') await new Promise((resolve) => setTimeout(resolve))
    else if (!isPending(value)) {
      note?.(value)
      await state.prove(value)
    } else if (enclave) value.ending = await enclave.answer(value.asked)
  }
}
