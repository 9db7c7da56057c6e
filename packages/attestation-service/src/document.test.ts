import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unwrapJson, wrapJson } from './document.ts'

const signature = 'ab'.repeat(64)

describe('unwrapJson', () => {
  test('cuts out the signed bytes as they are, spaces and escapes included', () => {
    const content = '{ "a":"}\\"{",\n  "b": {"c":[1,  2]} }'
    const document = { content, signature, issuerChain: '' }
    expect(unwrapJson('tcbInfo', wrapJson('tcbInfo', document))).toEqual({ content, signature })
    expect(unwrapJson('tcbInfo', ` { "tcbInfo" : ${content} , "signature" : "${signature.toUpperCase()}" } `)).toEqual({
      content,
      signature,
    })
  })

  test('gives back any object that it wrapped', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(object, (value) => {
        const content = JSON.stringify(value)
        const wrapped = wrapJson('qeIdentity', { content, signature, issuerChain: '' })
        return unwrapJson('qeIdentity', wrapped)?.content === content
      }),
    )
  })

  test.each([
    ['the other document', wrapJson('qeIdentity', { content: '{}', signature, issuerChain: '' })],
    ['no signature', '{"tcbInfo":{}}'],
    ['a short signature', '{"tcbInfo":{},"signature":"abcd"}'],
    ['something behind it', `{"tcbInfo":{},"signature":"${signature}"}{}`],
    ['an object without end', '{"tcbInfo":{"a":{}'],
    ['a list', `{"tcbInfo":[],"signature":"${signature}"}`],
    ['nothing', ''],
  ])('refuses %s', (_what, body) => {
    expect(unwrapJson('tcbInfo', body)).toBeUndefined()
  })

  test('S18: answers any text, and soon', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => void unwrapJson('tcbInfo', `{"tcbInfo":{${text}`)))
    expect(unwrapJson('tcbInfo', `{"tcbInfo":${'{'.repeat(200_000)}`)).toBeUndefined()
  })
})
