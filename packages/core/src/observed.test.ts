/** Which headers does Core believe, whatever its host shows? */
import { concatBytes, seedMessage, seedOf, signerAddress, verifySeed } from '@enigma/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CallParams } from './calls.ts'
import { word } from './testing/assemble.ts'
import { OBSERVER_KEYS, TestChain } from './testing/chain.ts'
import { ATTEST, attestedWorker, coreInProcess } from './testing/core-in-process.ts'
import { adderRequest, configOf, DAPP, NETWORK, seedRequest } from './testing/world.ts'

const STRANGER_KEY = new Uint8Array(32).fill(9)
const { chainId } = NETWORK

let worker: Awaited<ReturnType<typeof attestedWorker>>
beforeAll(async () => {
  worker = await attestedWorker()
})

const refused = (params: CallParams<'execute'>) => expect(worker.core.execute(params)).rejects

describe('S12: another block is refused', () => {
  test('of another number, however many observers signed it', async () => {
    for (const number of [999n, 1_001n]) {
      const honest = await adderRequest(worker.inputKey)
      const chain = new TestChain(honest.world, { number })
      const shown = { header: chain.header, signatures: chain.signatures(chainId), proof: chain.prover()(honest.first) }
      await refused({ ...honest.params, ...shown }).toMatchObject({ code: 'BAD_HEADER' })
    }
  })

  test('of the host’s own making, with the signatures of the real one', async () => {
    const { params, world, first } = await adderRequest(worker.inputKey)
    const chain = new TestChain({ ...world, storage: { ...world.storage, [DAPP]: { [word(1)]: word(99) } } })
    await refused({ ...params, header: chain.header, proof: chain.prover()(first) }).toMatchObject({
      code: 'NOT_OBSERVED',
    })
  })

  test('of another chain that the same observers watch', async () => {
    const { params, chain } = await adderRequest(worker.inputKey)
    await refused({ ...params, signatures: chain.signatures(1n) }).toMatchObject({ code: 'NOT_OBSERVED' })
  })

  test('of this chain, in a Core of another', async () => {
    const network = { ...configOf().network, chainId: 1n }
    const other = await attestedWorker({ network })
    const { params, chain } = await adderRequest(other.inputKey, network)
    expect(await other.core.execute(params)).toMatchObject({ status: 0 })
    const signatures = chain.signatures(chainId)
    await expect(other.core.execute({ ...params, signatures })).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
  })

  test('that is no header', async () => {
    const { params } = await adderRequest(worker.inputKey)
    const { header } = params
    for (const bytes of [new Uint8Array(0), header.slice(0, -1), concatBytes(header, new Uint8Array(1))]) {
      await refused({ ...params, header: bytes }).toMatchObject({ code: 'BAD_HEADER' })
    }
  })
})

describe('S12: a header is refused that', () => {
  const [first, second] = OBSERVER_KEYS as [Uint8Array, Uint8Array]

  test.each([
    ['nobody signed', []],
    ['fewer observers than the threshold signed', [first]],
    ['one observer signed twice', [first, first]],
    ['an observer and a stranger signed', [first, STRANGER_KEY]],
  ])('%s', async (_, keys) => {
    const { params, chain } = await adderRequest(worker.inputKey)
    await refused({ ...params, signatures: chain.signatures(chainId, keys) }).toMatchObject({ code: 'NOT_OBSERVED' })
  })

  test('an observer signed once, spelled in two ways', async () => {
    const { params, chain } = await adderRequest(worker.inputKey)
    const [one] = chain.signatures(chainId, [first])
    if (!one) throw new Error('It signed.')
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const flipped = (order - (BigInt(one.vs) & ((1n << 255n) - 1n))) | (((BigInt(one.vs) >> 255n) ^ 1n) << 255n)
    const again = { ...one, vs: word(BigInt.asUintN(256, flipped)) }
    await refused({ ...params, signatures: [one, again] }).toMatchObject({ code: 'NOT_OBSERVED' })
  })

  test('while noise among good signatures silences nobody', async () => {
    const { params, chain } = await adderRequest(worker.inputKey)
    const nonsense = { r: word(0), vs: word(0) }
    const strangers = chain.signatures(chainId, [STRANGER_KEY])
    const signatures = [nonsense, ...strangers, ...chain.signatures(chainId, [second, second, first])]
    expect(await worker.core.execute({ ...params, signatures })).toMatchObject({ kind: 'receipt' })
  })
})

describe('S25: observers of the host’s own', () => {
  const secret = new Uint8Array(32).fill(7)
  const network = { ...configOf().network, observers: [signerAddress(secret)], threshold: 1 }
  const own = { network }

  test('make another network of it, for which nothing is sealed', async () => {
    const mine = await attestedWorker(own)
    expect((await mine.core.info()).networkHash).not.toBe((await worker.core.info()).networkHash)
    const { params, chain } = await adderRequest(mine.inputKey)
    await expect(mine.core.execute(params)).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
    const signatures = chain.signatures(chainId, [secret])
    // Believed, and of no use: inputs that a client seals name its own network.
    expect(await mine.core.execute({ ...params, signatures })).toMatchObject({ kind: 'receipt', status: 2 })
  })

  test('get no keys of a Core that was started with the real ones', async () => {
    await expect(coreInProcess(own).restore({ sealed: worker.sealed })).rejects.toMatchObject({
      code: 'SEALED_DOES_NOT_OPEN',
    })
  })

  test('count nothing in a Core that was started with the real ones', async () => {
    const { params, chain } = await adderRequest(worker.inputKey)
    const keys = [4, 5, 6].map((n) => new Uint8Array(32).fill(n))
    await refused({ ...params, signatures: chain.signatures(chainId, keys) }).toMatchObject({ code: 'NOT_OBSERVED' })
  })
})

describe('S6: the Principal’s Core gives a seed', () => {
  const principal = async () => {
    const core = coreInProcess({ role: 'principal' })
    const attested = await core.attest(ATTEST)
    if (!('beaconKey' in attested)) throw new Error('The Principal attests a beacon key.')
    return { core, beaconKey: attested.beaconKey }
  }

  test('for a block that is observed: everybody can verify it, and it is the same each time', async () => {
    const { core, beaconKey } = await principal()
    const chain = new TestChain({})
    const { signature, seed } = await core.seed(seedRequest(chain))
    const message = seedMessage({ chainId, enigma: NETWORK.enigma, epoch: 7, anchor: chain.hash })
    expect(verifySeed(message, signature, beaconKey)).toBe(true)
    expect(seed).toBe(seedOf(signature))
    expect((await core.seed(seedRequest(chain))).signature).toEqual(signature)
  })

  test('for no block that its host invents, or that too few observers signed', async () => {
    const { core } = await principal()
    const chain = new TestChain({})
    const request = seedRequest(chain)
    const attempts = [
      { ...request, signatures: [] },
      { ...request, signatures: chain.signatures(chainId, OBSERVER_KEYS.slice(0, 1)) },
      { ...request, signatures: chain.signatures(1n) },
      { ...request, header: new TestChain({}, { timestamp: 1n }).header },
      { ...request, header: new TestChain({}, { prevRandao: word(1) }).header },
    ]
    for (const attempt of attempts) await expect(core.seed(attempt)).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
    const nothing = { ...request, header: new Uint8Array(0) }
    await expect(core.seed(nothing)).rejects.toMatchObject({ code: 'BAD_HEADER' })
  })
})
