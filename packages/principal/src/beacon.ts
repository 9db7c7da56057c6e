/**
 * The Principal's Core: where the BLS key was born and where it stays.
 *
 * Our disk holds the key only as Core sealed it. The blob is written before anybody learns the public key, since a beacon
 * contract that names a lost key would give no seed ever again.
 */
import type { CallParams, CoreConfig } from '@enigma/core/calls'
import type { CoreClient } from '@enigma/core/launch'
import { createSerial, type Logger, readFileIfThere, writeFileDurably } from '@enigma/process'
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'

export type BeaconCore = Pick<CoreClient<'principal'>, 'info' | 'attest' | 'restore' | 'seed' | 'stop' | 'onExit'>
export type LaunchBeaconCore = (config: CoreConfig & { role: 'principal' }) => Promise<BeaconCore>
/** A header and its observers' signatures: Core signs for no other. */
export type ObservedAnchor = Omit<CallParams<'seed'>, 'epoch'>
export type Seed = { signature: Uint8Array; seed: bigint }
export type Beacon = Awaited<ReturnType<typeof openBeacon>>

type Parts = {
  config: CoreConfig & { role: 'principal' }
  sealedPath: string
  operator: Address
  /** A recent block, for the quote of a key that is born now. */
  recentBlock: () => Promise<{ number: bigint; hash: Hex }>
  launch: LaunchBeaconCore
  log: Logger
}

/** Starts Core and restores its key, or has one born. */
export async function openBeacon({ config, sealedPath, operator, recentBlock, launch, log }: Parts) {
  const serial = createSerial()
  let running: BeaconCore | undefined
  let isStopped = false

  async function start(): Promise<BeaconCore> {
    if (running) return running
    const core = await launch(config)
    try {
      const sealed = readFileIfThere(sealedPath)
      if (sealed) await core.restore({ sealed })
      else await bear(core)
    } catch (error) {
      await core.stop()
      throw error
    }
    running = core
    core.onExit(({ reason }) => {
      if (running === core) running = undefined
      if (!isStopped) log.warn('core-ended', { reason })
    })
    return core
  }

  async function bear(core: BeaconCore): Promise<void> {
    const { number, hash } = await recentBlock()
    const { sealed } = await core.attest({ operator, identityBlock: number, identityBlockHash: hash })
    writeFileDurably(sealedPath, sealed)
    log.info('key-born')
  }

  const core = () => (running ? Promise.resolve(running) : serial(start))
  const { beaconKey, measurement, networkHash, isolation } = await (await core()).info()
  if (!beaconKey) throw new TypeError('Core has no beacon key after attest or restore')
  return {
    /** 256 bytes, G2, as EIP-2537 encodes it. */
    publicKey: bytesToHex(beaconKey),
    measurement,
    networkHash,
    isolation,
    seed: async (epoch: number, anchor: ObservedAnchor): Promise<Seed> => (await core()).seed({ epoch, ...anchor }),
    async stop(): Promise<void> {
      isStopped = true
      await running?.stop()
    },
  }
}
