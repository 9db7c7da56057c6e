/** How does a run stop for what it lacks, and go on when it is there? By generators, which fetch nothing themselves. */
import type { Address, Hex } from '@enigma/protocol'
import type { Asked, AskedEnding } from '../step.ts'

export type StorageSlot = { address: Address; slot: Hex }

/** What a run needs next. Of accounts the code is wanted too. */
export type Wanted = { accounts: readonly Address[]; slots: readonly StorageSlot[] }

/** Yields as long as something is missing; goes on once the view has it. */
export type Proven<Value> = Generator<Wanted, Value, void>

/** Yields `turn` too, now and then: nothing is asked, but an event loop may want its turn. */
export type Steps<Value> = Generator<Wanted | 'turn', Value, void>

/** A private call that waits: whoever drives the run says how it ends, before he goes on. */
export type PendingCall = { asked: Asked; ending?: AskedEnding }

/** Yields private calls too. */
export type PrivateSteps<Value> = Generator<Wanted | 'turn' | PendingCall, Value, void>
