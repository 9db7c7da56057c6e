import { bytesToHex, networkHash, principalReportData, workerReportData } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import type { CoreConfig } from './calls.ts'
import { ATTEST, attestedWorker, coreInProcess, machine, sealedOf } from './testing/core-in-process.ts'
import { adderRequest, configOf, NETWORK, runToReceipt, seedRequest } from './testing/world.ts'

describe('a Core’s identity', () => {
  test('is what its quote carries, for one operator, network and block', async () => {
    const { quote, signer, inputKey } = await attestedWorker()
    const identity = { networkHash: networkHash(NETWORK), ...ATTEST, signer, inputKey }
    expect(quote).toEqual(workerReportData(identity))
    expect(quote).not.toEqual(workerReportData({ ...identity, operator: signer }))
  })

  test('keeps its signer and gets a new input key with each attestation; the last four stay', async () => {
    const { core, signer, inputKey } = await attestedWorker()
    const keys = [inputKey]
    for (let i = 0; i < 4; i++) {
      const next = await core.attest(ATTEST)
      expect(next).toMatchObject({ signer })
      if ('inputKey' in next) keys.push(next.inputKey)
    }
    expect(new Set(keys).size).toBe(5)
    expect((await core.info()).inputKeys).toEqual(keys.slice(1))
  })

  test('does not change where no quote could be had', async () => {
    const { core, platform } = await brokenAfterOne()
    const before = await core.info()
    platform.isBroken = true
    await expect(core.attest(ATTEST)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await core.info()).toEqual(before)
  })

  test('survives a restart, tasks under older keys included', async () => {
    const first = await attestedWorker()
    const asked = await adderRequest(first.inputKey)
    const sealed = sealedOf(await first.core.attest(ATTEST))
    const reborn = coreInProcess()
    expect(await reborn.restore({ sealed })).toEqual(await first.core.info())
    expect(await runToReceipt(reborn, asked)).toEqual(await runToReceipt(first.core, asked))
  })

  test('of the Principal survives a restart', async () => {
    const core = coreInProcess({ role: 'principal' })
    const attested = await core.attest(ATTEST)
    if (!('beaconKey' in attested)) throw new Error('The Principal attests a beacon key.')
    const { beaconKey, quote } = attested
    const sealed = sealedOf(attested)
    expect(quote).toEqual(principalReportData({ networkHash: networkHash(NETWORK), ...ATTEST, publicKey: beaconKey }))
    const reborn = coreInProcess({ role: 'principal' })
    expect(await reborn.restore({ sealed })).toMatchObject({ beaconKey })
    const asked = seedRequest()
    expect(await reborn.seed(asked)).toEqual(await core.seed(asked))
  })

  test('is not replaced by an older one', async () => {
    const { core, sealed } = await attestedWorker()
    await expect(core.restore({ sealed })).rejects.toMatchObject({ code: 'HAS_IDENTITY' })
  })

  test('is another in each Core, and never the same blob twice', async () => {
    const [one, two] = [await attestedWorker(), await attestedWorker()]
    expect(one.signer).not.toBe(two.signer)
    expect(bytesToHex(one.sealed)).not.toBe(bytesToHex(sealedOf(await one.core.attest(ATTEST))))
  })
})

describe('sealed keys do not open', () => {
  const refused = { code: 'SEALED_DOES_NOT_OPEN' }
  const network = (over: Partial<CoreConfig['network']>) => ({ network: { ...configOf().network, ...over } })

  test.each<[string, Partial<CoreConfig>]>([
    ['S25: on a network with other observers', network({ observers: [`0x${'0b'.repeat(20)}`], threshold: 1 })],
    ['S25: on a network that believes fewer of them', network({ threshold: 1 })],
    ['S25: on a network that believes younger blocks', network({ depth: 1 })],
    ['S25: after observers were changed and changed back', network({ serial: 1 })],
    ['S25: on another chain', network({ chainId: 1n })],
    ['S25: for another Enigma contract', network({ enigma: `0x${'0c'.repeat(20)}` })],
    ['in the other role', { role: 'principal' }],
  ])('%s', async (_, over) => {
    const { sealed } = await attestedWorker()
    await expect(coreInProcess(over).restore({ sealed })).rejects.toMatchObject(refused)
  })

  test('S15: on a network of real hardware, which a simulated machine does not even join', () => {
    expect(() => coreInProcess(network({ simulated: false }))).toThrow(
      expect.objectContaining({ code: 'WRONG_PLATFORM' }),
    )
  })

  test('S25: with other code', async () => {
    const { sealed } = await attestedWorker()
    const other = coreInProcess({}, machine('test', `0x${'4e'.repeat(32)}`))
    await expect(other.restore({ sealed })).rejects.toMatchObject(refused)
  })

  test('S25: on another machine', async () => {
    const { sealed } = await attestedWorker()
    await expect(coreInProcess({}, machine('other')).restore({ sealed })).rejects.toMatchObject(refused)
  })

  test('S18: with any byte changed, cut or added', async () => {
    const { sealed } = await attestedWorker()
    const core = coreInProcess()
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed)
      changed[i] = (changed[i] as number) ^ 1
      await expect(core.restore({ sealed: changed })).rejects.toMatchObject(refused)
    }
    for (const wrong of [sealed.slice(0, -1), sealed.slice(0, 10), new Uint8Array(0), new Uint8Array([...sealed, 0])]) {
      await expect(core.restore({ sealed: wrong })).rejects.toMatchObject(refused)
    }
    expect(await core.restore({ sealed })).toMatchObject({ role: 'worker' })
  })
})

/** A machine whose quoting enclave can go away. */
async function brokenAfterOne() {
  const working = machine()
  const platform = {
    ...working,
    isBroken: false,
    quote: (reportData: Uint8Array) =>
      platform.isBroken ? Promise.reject(new Error('no quoting enclave')) : working.quote(reportData),
  }
  const { core } = await attestedWorker({}, platform)
  return { core, platform }
}
