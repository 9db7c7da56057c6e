import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { concatBytes, hexToBytes, signerAddress } from '@enigma/protocol'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { referencePrecompiles } from '../testing/reference-precompiles.ts'
import { wordBytes } from './input.ts'

const ECRECOVER = at(0x01)
const P256 = at(0x100)
const ONE = { output: wordBytes(1n), gas: 6_900n }
const NOTHING = { output: new Uint8Array(), gas: 6_900n }

describe('ecrecover', () => {
  const N = secp256k1.Point.Fn.ORDER
  const P = secp256k1.Point.Fp.ORDER
  const secretKey = wordBytes(0xc0ffeen)
  const hash = wordBytes(2n ** 255n + 99n)
  const {
    r,
    s,
    recovery = 0,
  } = secp256k1.Signature.fromBytes(
    secp256k1.sign(hash, secretKey, { prehash: false, format: 'recovered' }),
    'recovered',
  )
  const v = BigInt(27 + recovery)
  const recoverAs = (recovery: number, r: bigint) => {
    try {
      return new secp256k1.Signature(r, s, recovery).recoverPublicKey(hash)
    } catch {
      return undefined
    }
  }
  const ask = (...words: bigint[]) => answerOf(ECRECOVER, 'osaka', concatBytes(hash, ...words.map(wordBytes)))

  test('recovers the signer, of the same signature with s in the upper half too', () => {
    const signer = { output: concatBytes(new Uint8Array(12), hexToBytes(signerAddress(secretKey))), gas: 3_000n }
    expect(ask(v, r, s)).toEqual(signer)
    expect(ask(55n - v, r, N - s)).toEqual(signer)
    expect(ask(v, r, s, 1n)).toEqual(signer)
  })

  test('S18: answers nothing to another v, and to an r or s that is zero, of the order, or of no point', () => {
    const nothing = { output: new Uint8Array(), gas: 3_000n }
    for (const other of [0n, 1n, 26n, 29n, 27n + 2n ** 8n, 27n + 2n ** 255n]) expect(ask(other, r, s)).toEqual(nothing)
    for (const other of [0n, N, N + 1n, P, 2n ** 256n - 1n]) {
      expect(ask(v, other, s)).toEqual(nothing)
      expect(ask(v, r, other)).toEqual(nothing)
    }
    // x = 5 is on no point of the curve.
    expect(ask(v, 5n, s)).toEqual(nothing)
    expect(ask(v, r)).toEqual(nothing)
  })

  test('S18: knows no v for an r that stands for an x above the order, though a key would come of it', () => {
    for (let small = 1n; ; small++) {
      const key = recoverAs(2, small) ?? recoverAs(3, small)
      if (!key) continue
      for (const v of [29n, 30n]) expect(ask(v, small, s).output).toEqual(new Uint8Array())
      break
    }
  })

  test('answers nothing where the key would be infinity', () => {
    // R is the generator, and s = hash: r⁻¹(s·R − hash·G) is zero.
    const { x, y } = secp256k1.Point.BASE.toAffine()
    const s = BigInt(`0x${Buffer.from(hash).toString('hex')}`)
    expect(ask(27n + (y & 1n), x, s)).toEqual({ output: new Uint8Array(), gas: 3_000n })
  })

  test('recovers from any numbers whom the reference does', async () => {
    const { call } = await referencePrecompiles('osaka')
    const any = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
    await fc.assert(
      fc.asyncProperty(any, fc.constantFrom(27n, 28n), any, any, async (hash, v, r, s) => {
        const input = concatBytes(...[hash, v, r, s].map(wordBytes))
        expect(answerOf(ECRECOVER, 'osaka', input)).toEqual(await call(ECRECOVER, input))
      }),
      { numRuns: 30 },
    )
  })
})

describe('P-256', () => {
  const N = p256.Point.Fn.ORDER
  const P = p256.Point.Fp.ORDER
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const key = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const message = Buffer.from('a message')
  const hash = createHash('sha256').update(message).digest()
  const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const ask = (...parts: Uint8Array[]) => answerOf(P256, 'osaka', concatBytes(...parts))

  test('takes a signature that another library made, and its twin with the other s', () => {
    expect(ask(hash, signature, key)).toEqual(ONE)
    expect(ask(hash, signature.subarray(0, 32), wordBytes(N - s), key)).toEqual(ONE)
  })

  test('S18: answers nothing to another length, message, key or number out of range', () => {
    const r = signature.subarray(0, 32)
    expect(ask(hash, signature, key.subarray(1))).toEqual(NOTHING)
    expect(ask(hash, signature, key, Uint8Array.of(0))).toEqual(NOTHING)
    expect(ask()).toEqual(NOTHING)
    expect(ask(wordBytes(1n), signature, key)).toEqual(NOTHING)
    for (const other of [0n, N, N + 1n, 2n ** 256n - 1n]) {
      expect(ask(hash, wordBytes(other), wordBytes(s), key)).toEqual(NOTHING)
      expect(ask(hash, r, wordBytes(other), key)).toEqual(NOTHING)
    }
    const other = p256.Point.BASE.toBytes(false).subarray(1)
    for (const wrong of [
      other,
      new Uint8Array(64),
      concatBytes(wordBytes(P), key.subarray(32)),
      key.map((byte) => byte ^ 1),
    ])
      expect(ask(hash, signature, wrong)).toEqual(NOTHING)
  })

  test('compares r with the x of a point modulo the order', () => {
    // With hash 0 and s = r the point that is checked is the key itself: one whose x is above the order has r = x − n.
    for (let x = N + 1n; x < P; x++) {
      const key = pointAt(x)
      if (!key) continue
      const r = wordBytes(x - N)
      expect(ask(wordBytes(0n), r, r, key)).toEqual(ONE)
      expect(ask(wordBytes(0n), wordBytes(x - N + 1n), wordBytes(x - N + 1n), key)).toEqual(NOTHING)
      break
    }
  })

  test('answers nothing where the point would be infinity', () => {
    // The key is −G, and hash = r: u1·G + u2·Q is zero.
    const key = p256.Point.BASE.negate().toBytes(false).subarray(1)
    expect(ask(wordBytes(7n), wordBytes(7n), wordBytes(3n), key)).toEqual(NOTHING)
  })
})

function pointAt(x: bigint): Uint8Array | undefined {
  try {
    return p256.Point.fromBytes(concatBytes(Uint8Array.of(2), wordBytes(x)))
      .toBytes(false)
      .subarray(1)
  } catch {
    return undefined
  }
}
