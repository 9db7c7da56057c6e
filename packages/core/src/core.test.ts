import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CALLS } from './calls.ts'
import { toWire } from './channel.ts'
import { CORE_ERRORS, coreErrorOf } from './errors.ts'
import { ATTEST, attestedWorker, coreInProcess, machine } from './testing/core-in-process.ts'
import { adderRequest, seedRequest } from './testing/world.ts'

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
        fc.pre((call !== 'info' && call !== 'nonce') || JSON.stringify(params) !== '{}')
        const answer = await core.answer({ id: 1, call, params })
        expect([number('BAD_PARAMS'), number('WRONG_ROLE')]).toContain('error' in answer && answer.error)
      }),
    )
  })

  test('S18: refuses a request in which one field is missing, added, or of another type', async () => {
    const { core, inputKey } = await attestedWorker()
    const { params } = await adderRequest(inputKey)
    const good = toWire(params) as Record<string, Record<string, unknown>>
    const refused = async (params: unknown) =>
      expect(await core.answer({ id: 1, call: 'execute', params })).toEqual({ id: 1, error: number('BAD_PARAMS') })
    await refused({ ...good, more: 1 })
    for (const part of ['task', 'proof']) {
      for (const [field, value] of Object.entries(good[part] ?? {})) {
        await refused({ ...good, [part]: { ...good[part], more: 1 } })
        await refused({ ...good, [part]: { ...good[part], [field]: undefined } })
        await refused({ ...good, [part]: { ...good[part], [field]: [value] } })
        await refused({ ...good, [part]: { ...good[part], [field]: `${value}0g` } })
      }
    }
    expect(await core.answer({ id: 1, call: 'execute', params: good })).toMatchObject({ result: { kind: 'receipt' } })
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
    await expect(core.seed(seedRequest())).rejects.toMatchObject({ code: 'WRONG_ROLE' })
  })

  test('the Principal’s Core executes nothing', async () => {
    const { inputKey } = await attestedWorker()
    const core = coreInProcess({ role: 'principal' })
    await core.attest(ATTEST)
    const { params } = await adderRequest(inputKey)
    await expect(core.execute(params)).rejects.toMatchObject({ code: 'WRONG_ROLE' })
    const nothing = { accounts: [], slots: [], nodes: [], codes: [] }
    await expect(core.state({ execution: 1, ...nothing })).rejects.toMatchObject({ code: 'WRONG_ROLE' })
  })

  test('neither does anything before it has keys', async () => {
    const worker = coreInProcess()
    const anyone = await attestedWorker()
    const { params } = await adderRequest(anyone.inputKey)
    await expect(worker.execute(params)).rejects.toMatchObject({ code: 'NO_IDENTITY' })
    const principal = coreInProcess({ role: 'principal' })
    await expect(principal.seed(seedRequest())).rejects.toMatchObject({ code: 'NO_IDENTITY' })
  })
})
