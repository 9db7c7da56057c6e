/** Seals a call's arguments to verified workers: bytes that they alone can open, for this one task. */
import { EnigmaError, type Envelope, EnvelopeError, inputContext, sealInputs } from '@enigma/protocol'
import type { Abi } from 'viem'
import type { AbiType } from './abi-value.ts'
import { type Callable, InputsTooLongError, type PrivateName } from './callable.ts'
import type { DApp } from './dapp.ts'
import type { Draw } from './draw.ts'
import type { AnyResult, PrivateReply } from './private-result.ts'
import type { ReplyKey } from './reply-key.ts'
import { drawOf, type Session, type VerifiedWorker } from './verified-worker.ts'
import type { Verification } from './verify-worker.ts'

declare const sealed: unique symbol

/** What `requestTask` takes. Only `encrypt` makes one, and only from verified workers. */
export type SealedTask<
  abi extends Abi = Abi,
  name extends PrivateName<abi> = PrivateName<abi>,
  result extends AbiType | undefined = AnyResult<abi>,
> = PrivateReply<result> & {
  readonly abi: abi
  readonly functionName: name
  readonly dApp: DApp
  readonly callable: Callable
  readonly draw: Draw
  readonly workers: readonly VerifiedWorker[]
  readonly envelope: Envelope
  /** Opens why the function failed, should it. */
  readonly reply: ReplyKey
  readonly [sealed]: true
}

export type Sealing = Pick<SealedTask, 'abi' | 'functionName' | 'dApp' | 'callable' | 'workers' | 'reply'> &
  PrivateReply

const register = new WeakMap<object, Session>()

export async function sealTask({ session }: Pick<Verification, 'session'>, sealing: Sealing): Promise<SealedTask> {
  const { dApp, callable, workers, reply } = sealing
  const draw = drawOf(workers, session)
  if (draw.dApp !== dApp.address) throw new NotSealedError('its workers were drawn for another dApp')
  const [networkHash, ...others] = new Set(workers.map((worker) => worker.networkHash))
  if (!networkHash || others.length > 0) throw new NotSealedError('its workers are of two networks')
  const context = inputContext({
    networkHash,
    dApp: dApp.address,
    codeHash: dApp.codeHash,
    callable: callable.selector,
    requester: draw.requester,
    slot: draw.slot,
    seq: draw.seq,
  })
  const recipients = workers.map(({ inputKey }) => inputKey)
  const envelope = await sealInputs({ recipients, context, replyKey: reply.publicKey, args: callable.args }).catch(
    (error: unknown) => {
      if (error instanceof EnvelopeError && error.code === 'ENVELOPE_TOO_LONG')
        throw new InputsTooLongError(callable.args.length)
      throw error
    },
  )
  const task = Object.freeze({ ...sealing, draw, envelope }) as unknown as SealedTask
  register.set(task, session)
  return task
}

/** Refuses what `sealTask` did not make for this client. */
export function requireSealed(task: SealedTask, session: Session): void {
  if (register.get(task) !== session) throw new NotSealedError("it did not come from this client's encrypt")
}

export class NotSealedError extends EnigmaError {
  override readonly name = 'NotSealedError'
  readonly code = 'NOT_SEALED'
  constructor(fault: string) {
    super(`This is no sealed task: ${fault}.`, { hint: 'Pass on what encrypt returned, as it is.' })
  }
}
