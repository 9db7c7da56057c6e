import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { encodeAbiParameters, parseAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/network-secret.json' with { type: 'json' }
import { bytesToHex, type Hex, hexToBytes } from './bytes.ts'
import { webCrypto } from './crypto.ts'
import {
  commitmentOf,
  contractKeySecret,
  type KeyOwner,
  networkSignerSecret,
  randomRoot,
  type SecretScope,
  sealRoot,
} from './network-secret.ts'
import { signerAddress } from './signature.ts'

const SECRET = new Uint8Array(32).fill(7)
const SCOPE: SecretScope = { chainId: 31337n, enigma: `0x${'ab'.repeat(20)}`, simulated: true }
const OWNER: KeyOwner = { dApp: `0x${'11'.repeat(20)}`, codeHash: `0x${'22'.repeat(32)}`, generation: 3 }
const anyBytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const anyScope: fc.Arbitrary<SecretScope> = fc.record({
  chainId: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  enigma: anyBytes(20).map(bytesToHex),
  simulated: fc.boolean(),
})
const anyOwner: fc.Arbitrary<KeyOwner> = fc.record({
  dApp: anyBytes(20).map(bytesToHex),
  codeHash: anyBytes(32).map(bytesToHex),
  generation: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})

/** Everything that follows from a secret. */
function allOf(secret: Uint8Array, scope: SecretScope, owner: KeyOwner): Record<string, Hex> {
  return {
    commitment: commitmentOf(secret, scope, owner.generation),
    networkSignerSecret: bytesToHex(networkSignerSecret(secret, scope, owner.generation)),
    contractKeySecret: bytesToHex(contractKeySecret(secret, scope, owner)),
    sealRoot: bytesToHex(sealRoot(secret, scope, owner)),
    randomRoot: bytesToHex(randomRoot(secret, scope, owner)),
  }
}

function expectAllOther(change: Partial<SecretScope>): void {
  const here = Object.values(allOf(SECRET, SCOPE, OWNER))
  for (const there of Object.values(allOf(SECRET, { ...SCOPE, ...change }, OWNER))) expect(here).not.toContain(there)
}

describe('what follows from a network secret', () => {
  test("equals OpenSSL's HKDF over viem's encoding", () => {
    const derive = (secret: Uint8Array, salt: string, info: Hex) =>
      bytesToHex(new Uint8Array(hkdfSync('sha256', secret, salt, hexToBytes(info), 32)))
    fc.assert(
      fc.property(anyBytes(32), anyScope, anyOwner, (secret, scope, owner) => {
        const { chainId, enigma, simulated } = scope
        const { dApp, codeHash, generation } = owner
        const ofNetwork = encodeAbiParameters(parseAbiParameters('uint256, address, bool, uint32'), [
          ...([chainId, enigma, simulated, generation] as const),
        ])
        const ofOwner = encodeAbiParameters(parseAbiParameters('uint256, address, address, bytes32, uint32, bool'), [
          ...([chainId, enigma, dApp, codeHash, generation, simulated] as const),
        ])
        expect(allOf(secret, scope, owner)).toEqual({
          commitment: derive(secret, 'enigma/commit/v1', ofNetwork),
          networkSignerSecret: derive(secret, 'enigma/net-sign/v1', ofNetwork),
          contractKeySecret: derive(secret, 'enigma/contract-key/v1', ofOwner),
          sealRoot: derive(secret, 'enigma/seal-root/v1', ofOwner),
          randomRoot: derive(secret, 'enigma/random-root/v1', ofOwner),
        })
      }),
      { numRuns: 30 },
    )
  })

  test('S14: is five values that have nothing in common, the public commitment among them', () => {
    expect(new Set(Object.values(allOf(SECRET, SCOPE, OWNER))).size).toBe(5)
  })

  test.each<[string, Partial<SecretScope>]>([
    ['on another chain', { chainId: 1n }],
    ['of another Enigma contract', { enigma: `0x${'ac'.repeat(20)}` }],
  ])('S8, S12: %s all of it is other', (_, change) => expectAllOther(change))

  test('S15: on a mock network all of it is other than on real hardware', () => expectAllOther({ simulated: false }))

  test.each<[string, Partial<KeyOwner>]>([
    ['another dApp', { dApp: `0x${'12'.repeat(20)}` }],
    ['other code at the same address', { codeHash: `0x${'23'.repeat(32)}` }],
    ['another generation', { generation: 4 }],
  ])('S8: %s has other keys and roots', (_, change) => {
    const [here, there] = [allOf(SECRET, SCOPE, OWNER), allOf(SECRET, SCOPE, { ...OWNER, ...change })]
    for (const name of ['contractKeySecret', 'sealRoot', 'randomRoot']) expect(there[name], name).not.toBe(here[name])
  })

  test.each(vectors.cases)('$name: as published', async (vector) => {
    const secret = hexToBytes(vector.secret as Hex)
    const scope = { chainId: BigInt(vector.chainId), enigma: vector.enigma as Hex, simulated: vector.simulated }
    const { dApp, codeHash } = vector as { dApp: Hex; codeHash: Hex }
    const found = allOf(secret, scope, { dApp, codeHash, generation: Number(vector.generation) })
    expect(vector).toMatchObject(found)
    expect(signerAddress(hexToBytes(vector.networkSignerSecret as Hex))).toBe(vector.networkSigner)
    expect(bytesToHex(await webCrypto.publicKey(hexToBytes(vector.contractKeySecret as Hex)))).toBe(vector.contractKey)
  })

  test.each(vectors.failures)('S18: refused: $name', ({ dApp, codeHash, generation, error }) => {
    const owner = { dApp: dApp as Hex, codeHash: codeHash as Hex, generation: Number(generation) }
    for (const derive of [contractKeySecret, sealRoot, randomRoot]) {
      expect(() => derive(SECRET, SCOPE, owner)).toThrow(expect.objectContaining({ code: error }))
    }
  })
})
