/**
 * X25519 (RFC 7748) by noble's Montgomery ladder.
 *
 * noble's own export computes public keys on the Edwards curve, twice as fast; that would have every page download the curve.
 */
import { pow } from '@noble/curves/abstract/modular.js'
import { montgomery } from '@noble/curves/abstract/montgomery.js'

const P = 2n ** 255n - 19n

export const x25519 = /* @__PURE__ */ montgomery({
  P,
  type: 'x25519',
  powPminus2: (x) => pow(x, P - 2n, P),
  adjustScalarBytes: (bytes: Uint8Array) => {
    const [first, last] = [bytes[0] as number, bytes[31] as number]
    bytes[0] = first & 0b1111_1000
    bytes[31] = (last & 0b0111_1111) | 0b0100_0000
    return bytes
  },
})
