import { concatBytes, networkHash } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { Identity } from './identity.ts'
import { Keyring } from './keyring.ts'
import type { SealingPlatform } from './sealing.ts'
import { seal } from './sealing.ts'
import { machine } from './testing/core-in-process.ts'
import { NETWORK } from './testing/world.ts'

const hash = networkHash(NETWORK)
const platform = machine() as SealingPlatform
const ringOn = (on = machine()) => new Keyring({ network: NETWORK, networkHash: hash, platform: on })
const secret = new Uint8Array(32).fill(5)

describe('a keyring', () => {
  test('comes back whole', async () => {
    const ring = ringOn()
    const identity = await Identity.born(platform).withNewInputKey(platform)
    const sealed = await ring.keep({ identity, secrets: ring.secrets.with(3, secret) })
    const back = ringOn()
    await back.restore(sealed as Uint8Array)
    expect(back.identity.signer).toBe(identity.signer)
    expect(back.identity.inputKeys).toEqual(identity.inputKeys)
    expect(back.secrets.byGeneration).toEqual(new Map([[3, secret]]))
  })

  test('keeps what it had where the new keys could not be sealed', async () => {
    let isBroken = false
    const sealingKey = (label: Uint8Array) => {
      if (isBroken) throw new Error('no key')
      return platform.sealingKey(label)
    }
    const ring = ringOn({ ...platform, sealingKey })
    await ring.keep({ identity: Identity.born(platform) })
    const { signer } = ring.identity
    isBroken = true
    const more = { identity: Identity.born(platform), secrets: ring.secrets.with(1, secret) }
    await expect(ring.keep(more)).rejects.toThrow('no key')
    expect(ring.identity.signer).toBe(signer)
    expect(ring.secrets.generations).toEqual([])
  })

  test('does not read what was sealed in another form', async () => {
    const content = concatBytes(Uint8Array.of(1, 1), secret)
    const sealed = await seal(platform, { role: 'worker', networkHash: hash }, content)
    await expect(ringOn().restore(sealed)).rejects.toMatchObject({ code: 'SEALED_DOES_NOT_OPEN' })
  })
})
