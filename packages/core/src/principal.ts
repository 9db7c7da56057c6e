/**
 * What does the Principal's Core answer? Who it is, and the seed of an epoch.
 *
 * Its BLS key signs seed messages and nothing else. A BLS signature is unique, so whoever asks twice gets the same seed.
 * It signs for a header that observers vouched for, so that its host cannot try candidates of a block that is still to
 * come (S6). Which block is an epoch's is the contract's matter: it takes a seed over that block's hash alone.
 */

import { beaconPublicKey, principalReportData, seedMessage, seedOf, signSeed } from '@enigma/protocol'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { Info } from './calls.ts'
import { CoreError } from './errors.ts'
import { believeHeader, parseHeader } from './observed.ts'
import type { Platform } from './platform/platform.ts'
import { PlatformError } from './platform/platform-error.ts'
import { type Handlers, infoOf, type RoleParts } from './role.ts'
import { canSeal, seal, unseal } from './sealing.ts'

/** Keys that only a worker has. */
const NOTHING_ELSE = { signer: null, inputKeys: [], generations: [], commitments: [] }

type BeaconKey = { secret: Uint8Array; publicKey: Uint8Array }

export function createPrincipal(parts: RoleParts): Handlers {
  const { network, networkHash, platform } = parts
  // A beacon whose key is gone gives no seed ever again.
  if (!canSeal(platform)) throw new PlatformError('PLATFORM_NEEDS_SEALING')
  const label = { role: 'principal', networkHash } as const
  let key: BeaconKey | undefined

  const info = (): Info => infoOf(parts, { ...NOTHING_ELSE, role: 'principal', beaconKey: key?.publicKey ?? null })

  return {
    info,
    attest: async (request) => {
      const next = key ?? born(platform)
      const quote = await platform.quote(principalReportData({ networkHash, ...request, publicKey: next.publicKey }))
      const sealed = await seal(platform, label, next.secret)
      key = next
      return { beaconKey: next.publicKey, quote, sealed }
    },
    restore: async ({ sealed }) => {
      if (key) throw new CoreError('HAS_IDENTITY')
      key = keyOf(await unseal(platform, label, sealed))
      return info()
    },
    seed: ({ epoch, header, signatures }) => {
      if (!key) throw new CoreError('NO_IDENTITY')
      const { hash: anchor } = believeHeader(network, parseHeader(header), signatures)
      const signature = signSeed(seedMessage({ ...network, epoch, anchor }), key.secret)
      return { signature, seed: seedOf(signature) }
    },
  }
}

/** 48 random bytes reduced into the scalar field, as the IETF BLS draft asks (2.3). */
function born(platform: Platform): BeaconKey {
  const { secretKey } = bls12_381.shortSignatures.keygen(platform.random(48))
  return keyOf(secretKey)
}

function keyOf(secret: Uint8Array): BeaconKey {
  return { secret, publicKey: beaconPublicKey(secret) }
}
