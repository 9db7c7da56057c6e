import { bytesToHex, seedMessage, seedOf, verifySeed } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CALLS } from './calls.ts'
import { toWire } from './channel.ts'
import { CORE_ERRORS, coreErrorOf } from './errors.ts'
import { ATTEST, attestedWorker, coreInProcess, machine } from './testing/core-in-process.ts'
import { adderRequest } from './testing/world.ts'

const number = (code: keyof typeof CORE_ERRORS) => CORE_ERRORS[code].number

describe('the door', () => {
  test('S18: answers a call that does not exist with a number', async () => {
    const core = coreInProcess()
    for (const call of ['sign', 'decrypt', 'toString', '__proto__', 'constructor', '']) {
      expect(await core.answer({ id: 1, call, params: {} })).toEqual({ id: 1, error: number('UNKNOWN_CALL') })
    }
  })

  test('S18: has no answer to what is no request', async () => {
    const core = coreInProcess()
    for (const value of [
      null,
      1,
      'info',
      [],
      {},
      { id: 1 },
      { id: -1, call: 'info', params: {} },
      { id: 1, call: 1 },
    ]) {
      await expect(core.answer(value)).rejects.toThrow()
    }
    await expect(core.answer({ id: 1, call: 'info', params: {}, more: 1 })).rejects.toThrow()
  })

  test('S18: refuses parameters of any other form, whatever they are', async () => {
    const { core } = await attestedWorker()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(CALLS)), fc.jsonValue(), async (call, params) => {
        fc.pre(call !== 'info' || JSON.stringify(params) !== '{}')
        const answer = await core.answer({ id: 1, call, params })
        expect([number('BAD_PARAMS'), number('WRONG_ROLE')]).toContain('error' in answer && answer.error)
      }),
    )
  })

  test('S18: refuses a request in which one field is missing, added, or of another type', async () => {
    const { core, inputKey } = await attestedWorker()
    const good = toWire(await adderRequest(inputKey)) as Record<string, Record<string, unknown>>
    const refused = async (params: unknown) =>
      expect(await core.answer({ id: 1, call: 'execute', params })).toEqual({ id: 1, error: number('BAD_PARAMS') })
    await refused({ ...good, more: 1 })
    for (const part of ['task', 'header']) {
      for (const [field, value] of Object.entries(good[part] ?? {})) {
        await refused({ ...good, [part]: { ...good[part], more: 1 } })
        await refused({ ...good, [part]: { ...good[part], [field]: undefined } })
        await refused({ ...good, [part]: { ...good[part], [field]: [value] } })
        await refused({ ...good, [part]: { ...good[part], [field]: `${value}0g` } })
      }
    }
    expect(await core.answer({ id: 1, call: 'execute', params: good })).toMatchObject({ result: { kind: 'miss' } })
  })

  test('takes one call at a time', async () => {
    const core = coreInProcess()
    const attesting = core.answer(toWire({ id: 1, call: 'attest', params: ATTEST }))
    expect(await core.answer({ id: 2, call: 'info', params: {} })).toEqual({ id: 2, error: number('BUSY') })
    expect(await attesting).toMatchObject({ id: 1, result: {} })
    expect(await core.answer({ id: 3, call: 'info', params: {} })).toMatchObject({ id: 3, result: {} })
  })

  test('S21: turns a defect of its own into a number', async () => {
    const broken = { ...machine(), quote: () => Promise.reject(new Error('canary')) }
    const core = coreInProcess({}, broken)
    const answer = await core.answer(toWire({ id: 1, call: 'attest', params: ATTEST }))
    expect(answer).toEqual({ id: 1, error: number('INTERNAL') })
  })

  test('gives each error a number of its own', () => {
    const numbers = Object.values(CORE_ERRORS).map((error) => error.number)
    expect(new Set(numbers).size).toBe(numbers.length)
    for (const [code, { number: own }] of Object.entries(CORE_ERRORS)) expect(coreErrorOf(own).code).toBe(code)
    expect(coreErrorOf(98).code).toBe('INTERNAL')
  })
})

describe('roles', () => {
  test('a worker’s Core gives no seed', async () => {
    const { core } = await attestedWorker()
    await expect(core.seed({ epoch: 1, anchor: ATTEST.identityBlockHash })).rejects.toMatchObject({
      code: 'WRONG_ROLE',
    })
  })

  test('the Principal’s Core executes nothing', async () => {
    const { inputKey } = await attestedWorker()
    const core = coreInProcess({ role: 'principal' })
    await core.attest(ATTEST)
    await expect(core.execute(await adderRequest(inputKey))).rejects.toMatchObject({ code: 'WRONG_ROLE' })
    const facts = { accounts: [], slots: [], blockHashes: [] }
    await expect(core.state({ execution: 1, ...facts })).rejects.toMatchObject({ code: 'WRONG_ROLE' })
  })

  test('neither does anything before it has keys', async () => {
    const worker = coreInProcess()
    const anyone = await attestedWorker()
    await expect(worker.execute(await adderRequest(anyone.inputKey))).rejects.toMatchObject({ code: 'NO_IDENTITY' })
    const seed = { epoch: 1, anchor: ATTEST.identityBlockHash }
    await expect(coreInProcess({ role: 'principal' }).seed(seed)).rejects.toMatchObject({ code: 'NO_IDENTITY' })
  })

  test('S6: the Principal’s seed is one that everybody can verify, and the same each time', async () => {
    const core = coreInProcess({ role: 'principal' })
    const attested = await core.attest(ATTEST)
    if (!('beaconKey' in attested)) throw new Error('The Principal attests a beacon key.')
    const asked = { epoch: 7, anchor: ATTEST.identityBlockHash }
    const { signature, seed } = await core.seed(asked)
    const message = seedMessage({ chainId: 31_337n, enigma: `0x${'0'.repeat(37)}e41`, ...asked })
    expect(verifySeed(message, signature, attested.beaconKey)).toBe(true)
    expect(seed).toBe(seedOf(signature))
    expect(bytesToHex((await core.seed(asked)).signature)).toBe(bytesToHex(signature))
  })
})
