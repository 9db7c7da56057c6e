/**
 * A Core inside the test: real keys, receipts and quotes of simulated hardware, and it believes only what is observed and
 * proven; no enclave and no EVM. The test says how it behaves, and what it reads.
 */
import { createSimulatedPki, type Firmware, type QuoteRequest } from '@enigma/attestation/simulated'
import type { CallParams, CoreConfig, Step } from '@enigma/core/calls'
import { CoreError } from '@enigma/core/calls'
import { CoreEndedError } from '@enigma/core/launch'
import { decodeHeader, ProvenState } from '@enigma/evm/proof'
import {
  batchDigest,
  bytesToHex,
  type Hex,
  headerDigest,
  hexToBytes,
  keccak256,
  type Network,
  networkHash,
  observersOf,
  pendingWord,
  receiptDigest,
  receiptHash,
  signDigest,
  signerAddress,
  slotKey,
  taskId,
  workerReportData,
} from '@enigma/protocol'
import type { LaunchWorkerCore, WorkerCore } from '../core-host.ts'
import type { StateKeys } from '../state.ts'
import { createFakeSecrets } from './fake-secrets.ts'

export const FAKE_MEASUREMENT = `0x${'ab'.repeat(32)}` as const

export type FakeCores = {
  launch: LaunchWorkerCore
  /** How many were launched. */
  launched: number
  /** Tasks that were computed, in order, repetitions included. */
  computed: string[]
  /** What the next executions ask for before they sign. */
  reads: StateKeys
  /** It ends as soon as it has answered the next such call. */
  diesAfter: 'commit' | 'join' | 'accept' | undefined
  /** Off: it refuses whatever concerns the network secret, so that its worker sends nothing for it. */
  keepsSecrets: boolean
  /** How often it was asked to hand them on. */
  grantsAsked: number
  /** Seats that it hands no secrets to. */
  refuses: Set<number>
  /** What the next executions do instead of answering at once. */
  behave: ((params: CallParams<'execute'>) => Promise<Step | 'die' | undefined>) | undefined
  /** What it runs on from now on, where that is not up to date and as the quoting enclave's identity has it. */
  machine: { firmware?: Firmware; quotingEnclave?: NonNullable<QuoteRequest['quotingEnclave']> }
  /** Ends the running Core as a crash would. */
  crash: () => void
}

type Execution = { params: CallParams<'execute'>; state: ProvenState }

export function createFakeCores(network: Network, seed = 1): FakeCores {
  const secret = new Uint8Array(32).fill(seed)
  const signer = signerAddress(secret)
  const hash = networkHash(network)
  const pki = createSimulatedPki()
  /** Oldest first; a Core that is launched anew gets them back. */
  const sealedKeys: Hex[] = []
  const executions: Execution[] = []
  /** By the running Core. */
  const signed = new Set<Hex>()
  const fakes: FakeCores = {
    launch,
    launched: 0,
    computed: [],
    behave: undefined,
    reads: { accounts: [], slots: [] },
    diesAfter: undefined,
    keepsSecrets: false,
    grantsAsked: 0,
    refuses: new Set(),
    machine: {},
    crash: () => {},
  }

  async function launch({ platformName = 'machine-1' }: CoreConfig): Promise<WorkerCore> {
    fakes.launched++
    let hasKeys = false
    signed.clear()
    const inputKeys: Hex[] = []
    const secrets = createFakeSecrets(network, secret, () => fakes.refuses)
    let ended: CoreEndedError | undefined
    const listeners: ((end: { reason: 'CORE_ENDED'; exitCode: null; signal: null }) => void)[] = []
    const end = (reason: 'CORE_ENDED' | 'CORE_STOPPED' | 'CORE_KILLED') => {
      if (ended) return
      ended = new CoreEndedError({ reason, exitCode: null, signal: null })
      for (const listener of listeners) listener({ reason: 'CORE_ENDED', exitCode: null, signal: null })
    }
    fakes.crash = () => end('CORE_ENDED')
    const alive = () => {
      if (ended) throw ended
    }
    const keepLatest = () => inputKeys.splice(0, inputKeys.length, ...sealedKeys.slice(-4))
    const info = async () => ({
      role: 'worker' as const,
      kind: 'simulated' as const,
      isolation: 'partial' as const,
      measurement: FAKE_MEASUREMENT,
      networkHash: hash,
      signer: hasKeys ? signer : null,
      inputKeys: [...inputKeys],
      generations: secrets.generations(),
      commitments: secrets.commitments(),
      beaconKey: null,
    })
    /** A Core that ended answers nothing. */
    function mortal<Calls extends object>(calls: Calls): Calls {
      const guarded = Object.entries(calls).map(([name, call]: [string, (params: unknown) => Promise<unknown>]) => [
        name,
        async (params: unknown) => {
          alive()
          if (!fakes.keepsSecrets) throw new CoreError('NO_SECRET')
          if (name === 'grant') fakes.grantsAsked++
          const answer = await call(params)
          if (fakes.diesAfter === name) {
            fakes.diesAfter = undefined
            end('CORE_ENDED')
          }
          return answer
        },
      ])
      return Object.fromEntries(guarded) as Calls
    }
    return {
      info,
      ...mortal(secrets.calls),
      async attest({ operator, identityBlock, identityBlockHash }) {
        alive()
        hasKeys = true
        const inputKey = bytesToHex(new Uint8Array(32).fill(sealedKeys.length + 1))
        sealedKeys.push(inputKey)
        keepLatest()
        const identity = { networkHash: hash, operator, signer, inputKey, identityBlock, identityBlockHash }
        const reportData = workerReportData(identity)
        const quote = pki.quote({ platformName, measurement: FAKE_MEASUREMENT, reportData, ...fakes.machine })
        return { signer, inputKey, quote, sealed: secrets.seal() }
      },
      async restore({ sealed }) {
        alive()
        secrets.restore(sealed)
        hasKeys = true
        keepLatest()
        return info()
      },
      async execute(params) {
        alive()
        fakes.computed.push(taskId(network, params.task))
        const behaved = await fakes.behave?.(params)
        if (behaved === 'die') end('CORE_KILLED')
        alive()
        if (behaved && behaved !== 'die') return behaved
        executions.push({ params, state: believe(params) })
        return answer(executions.length - 1)
      },
      async state({ execution, ...proof }) {
        alive()
        const waiting = executions[execution]
        if (!waiting) throw new CoreError('UNKNOWN_EXECUTION')
        learn(waiting.state, proof)
        return answer(execution)
      },
      async batch({ receipts }) {
        alive()
        if (!receipts.every((hash) => signed.has(hash))) throw new CoreError('UNKNOWN_RECEIPT')
        return signDigest(batchDigest(network, receipts), secret)
      },
      async stop() {
        end('CORE_STOPPED')
      },
      onExit: (listener) => void listeners.push(listener),
    }
  }

  /** As Core does, or throws as Core does. */
  function believe({ task, header: rlp, signatures, proof }: CallParams<'execute'>): ProvenState {
    const header = decodeHeader(rlp)
    if (header.number !== task.createdBlock) throw new CoreError('BAD_HEADER')
    const { chainId, observers, threshold } = network
    const signers = observersOf(
      headerDigest({ chainId, number: header.number, hash: header.hash }),
      signatures,
      observers,
    )
    if (signers.length < threshold) throw new CoreError('NOT_OBSERVED')
    const state = new ProvenState(header.stateRoot)
    learn(state, proof)
    const word = state.slot(network.enigma, slotKey(task.requester, task.slot))
    if (word === undefined) throw new CoreError('BAD_PROOF')
    if (BigInt(word) !== pendingWord(taskId(network, task))) throw new CoreError('NO_TASK')
    const codeHash = state.account(task.dApp)?.codeHash
    if (codeHash !== task.codeHash || !state.code(codeHash)) throw new CoreError('BAD_CODE')
    return state
  }

  function learn(state: ProvenState, proof: CallParams<'execute'>['proof']): void {
    try {
      state.learn(proof)
    } catch {
      throw new CoreError('BAD_PROOF')
    }
  }

  function answer(execution: number): Step {
    const { params, state } = executions[execution] as Execution
    const accounts = fakes.reads.accounts.filter((address) => state.account(address) === undefined)
    const slots = fakes.reads.slots.filter(({ address, slot }) => state.slot(address, slot) === undefined)
    if (accounts.length + slots.length > 0) return { kind: 'miss', execution, accounts, slots: [...slots] }
    return receiptOf(params)
  }

  /** Deterministic, as Core is: the output is the hash of the inputs. */
  function receiptOf({ task, header, inputs }: CallParams<'execute'>): Step {
    const output = hexToBytes(keccak256(inputs))
    const receipt = {
      taskId: taskId(network, task),
      anchor: keccak256(header),
      codeHash: task.codeHash,
      inputsHash: task.inputsHash,
      outputHash: keccak256(output),
      status: 0 as const,
    }
    signed.add(receiptHash(receipt))
    const digest = receiptDigest(network, receipt)
    return { kind: 'receipt', taskId: receipt.taskId, status: 0, output, digest, ...signDigest(digest, secret) }
  }

  return fakes
}
