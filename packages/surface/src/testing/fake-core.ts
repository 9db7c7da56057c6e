/**
 * A Core inside the test: real keys and real receipts, no enclave and no EVM. The test says how it behaves.
 */
import type { CallParams, Step } from '@enigma/core/calls'
import { CoreEndedError } from '@enigma/core/launch'
import {
  bytesToHex,
  type Hex,
  hexToBytes,
  keccak256,
  type Network,
  networkHash,
  receiptDigest,
  signDigest,
  signerAddress,
  taskId,
  workerReportData,
} from '@enigma/protocol'
import type { LaunchWorkerCore, WorkerCore } from '../core-host.ts'

export const FAKE_MEASUREMENT = `0x${'ab'.repeat(32)}` as const

export type FakeCores = {
  launch: LaunchWorkerCore
  /** How many were launched. */
  launched: number
  /** Tasks that were computed, in order, repetitions included. */
  computed: string[]
  /** What the next executions do instead of answering at once. */
  behave: ((params: CallParams<'execute'>) => Promise<Step | 'die' | undefined>) | undefined
  /** Ends the running Core as a crash would. */
  crash: () => void
}

export function createFakeCores(network: Network, seed = 1): FakeCores {
  const secret = new Uint8Array(32).fill(seed)
  const signer = signerAddress(secret)
  const hash = networkHash(network)
  const fakes: FakeCores = { launch, launched: 0, computed: [], behave: undefined, crash: () => {} }

  async function launch(): Promise<WorkerCore> {
    fakes.launched++
    let hasKeys = false
    const inputKeys: Hex[] = []
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
    const info = async () => ({
      role: 'worker' as const,
      kind: 'simulated' as const,
      isolation: 'partial' as const,
      measurement: FAKE_MEASUREMENT,
      networkHash: hash,
      signer: hasKeys ? signer : null,
      inputKeys: [...inputKeys],
      beaconKey: null,
    })
    return {
      info,
      async attest({ operator, identityBlock, identityBlockHash }) {
        alive()
        hasKeys = true
        const inputKey = bytesToHex(new Uint8Array(32).fill(inputKeys.length + 1))
        inputKeys.push(inputKey)
        const identity = { networkHash: hash, operator, signer, inputKey, identityBlock, identityBlockHash }
        return { signer, inputKey, quote: fakeQuote(workerReportData(identity)), sealed: secret }
      },
      async restore() {
        alive()
        hasKeys = true
        return info()
      },
      async execute(params) {
        alive()
        fakes.computed.push(taskId(network, params.task))
        const behaved = await fakes.behave?.(params)
        if (behaved === 'die') end('CORE_KILLED')
        alive()
        return behaved && behaved !== 'die' ? behaved : receiptOf(params)
      },
      async state() {
        throw new TypeError('this Core never asks for state')
      },
      async stop() {
        end('CORE_STOPPED')
      },
      onExit: (listener) => void listeners.push(listener),
    }
  }

  /** Deterministic, as Core is: the output is the hash of the inputs. */
  function receiptOf({ task, header, inputs }: CallParams<'execute'>): Step {
    const output = hexToBytes(keccak256(inputs))
    const receipt = {
      taskId: taskId(network, task),
      anchor: header.hash,
      codeHash: task.codeHash,
      inputsHash: task.inputsHash,
      outputHash: keccak256(output),
      status: 0 as const,
    }
    const digest = receiptDigest(network, receipt)
    return { kind: 'receipt', taskId: receipt.taskId, status: 0, output, digest, ...signDigest(digest, secret) }
  }

  return fakes
}

/** Only what the contract reads: header, measurement, report_data (Intel SGX DCAP quote, version 3). */
function fakeQuote(reportData: Uint8Array): Uint8Array {
  const quote = new Uint8Array(48 + 384)
  quote.set([3, 0, 2, 0, 0, 0, 0, 0])
  quote.set(hexToBytes(FAKE_MEASUREMENT), 48 + 64)
  quote.set(reportData, 48 + 320)
  return quote
}
