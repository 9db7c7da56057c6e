/**
 * A Core inside the test: real keys, receipts and quotes of simulated hardware, no enclave and no EVM. The test says how it behaves.
 */
import { createSimulatedPki, type Firmware, type QuoteRequest } from '@enigma/attestation/simulated'
import type { CallParams, CoreConfig, Step } from '@enigma/core/calls'
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
  /** What it runs on from now on, where that is not up to date and as the quoting enclave's identity has it. */
  machine: { firmware?: Firmware; quotingEnclave?: NonNullable<QuoteRequest['quotingEnclave']> }
  /** Ends the running Core as a crash would. */
  crash: () => void
}

export function createFakeCores(network: Network, seed = 1): FakeCores {
  const secret = new Uint8Array(32).fill(seed)
  const signer = signerAddress(secret)
  const hash = networkHash(network)
  const pki = createSimulatedPki()
  /** Oldest first; a Core that is launched anew gets them back. */
  const sealedKeys: Hex[] = []
  const fakes: FakeCores = { launch, launched: 0, computed: [], behave: undefined, machine: {}, crash: () => {} }

  async function launch({ platformName = 'machine-1' }: CoreConfig): Promise<WorkerCore> {
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
    const keepLatest = () => inputKeys.splice(0, inputKeys.length, ...sealedKeys.slice(-4))
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
        const inputKey = bytesToHex(new Uint8Array(32).fill(sealedKeys.length + 1))
        sealedKeys.push(inputKey)
        keepLatest()
        const identity = { networkHash: hash, operator, signer, inputKey, identityBlock, identityBlockHash }
        const reportData = workerReportData(identity)
        const quote = pki.quote({ platformName, measurement: FAKE_MEASUREMENT, reportData, ...fakes.machine })
        return { signer, inputKey, quote, sealed: secret }
      },
      async restore() {
        alive()
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
