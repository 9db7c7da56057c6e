/**
 * The Principal's Core inside the test: a real BLS key, no enclave.
 */
import { CoreEndedError } from '@enigma/core/launch'
import { decodeHeader } from '@enigma/evm/proof'
import {
  beaconPublicKey,
  headerDigest,
  keccak256,
  networkHash,
  observersOf,
  seedMessage,
  seedOf,
  signSeed,
} from '@enigma/protocol'
import type { BeaconCore, LaunchBeaconCore } from '../beacon.ts'

export type FakeBeacons = { launch: LaunchBeaconCore; launched: number; born: number; crash: () => void }

export function createFakeBeacons(secret: Uint8Array): FakeBeacons {
  const fakes: FakeBeacons = { launch, launched: 0, born: 0, crash: () => {} }

  async function launch({ network }: Parameters<LaunchBeaconCore>[0]): Promise<BeaconCore> {
    fakes.launched++
    let key: Uint8Array | undefined
    let ended: CoreEndedError | undefined
    const listeners: Parameters<BeaconCore['onExit']>[0][] = []
    const end = () => {
      const why = { reason: 'CORE_ENDED', exitCode: null, signal: 'SIGKILL' } as const
      ended = new CoreEndedError(why)
      for (const listener of listeners) listener(why)
    }
    fakes.crash = end
    const info = async () => ({
      role: 'principal' as const,
      kind: 'simulated' as const,
      isolation: 'partial' as const,
      measurement: `0x${'ab'.repeat(32)}` as const,
      networkHash: networkHash(network),
      signer: null,
      inputKeys: [],
      generations: [],
      commitments: [],
      beaconKey: key ? beaconPublicKey(key) : null,
    })
    return {
      info,
      async attest() {
        fakes.born++
        key = secret
        return { beaconKey: beaconPublicKey(secret), quote: new Uint8Array(), sealed: secret }
      },
      async restore({ sealed }) {
        key = sealed
        return info()
      },
      async seed({ epoch, header, signatures }) {
        if (ended) throw ended
        if (!key) throw new TypeError('no key')
        const anchor = keccak256(header)
        const observed = { chainId: network.chainId, number: decodeHeader(header).number, hash: anchor }
        if (observersOf(headerDigest(observed), signatures, network.observers).length < network.threshold) {
          throw new TypeError('not observed')
        }
        const signature = signSeed(seedMessage({ ...network, epoch, anchor }), key)
        return { signature, seed: seedOf(signature) }
      },
      stop: async () => {},
      onExit: (listener) => void listeners.push(listener),
    }
  }

  return fakes
}
