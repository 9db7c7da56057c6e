import { expect, test } from 'vitest'
import { createAttestationClient } from './attestation-client.ts'

const answering = (status: number, body: unknown) =>
  createAttestationClient('http://attestation.example/', {
    fetch: async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }),
  })

test('returns the evidence for a quote', async () => {
  const asked: unknown[] = []
  const client = createAttestationClient('http://attestation.example', {
    fetch: async (url, init) => {
      asked.push(String(url), JSON.parse(String(init?.body)))
      return Response.json({ verdict: {}, collateralHash: '0x12', evidence: '0xabcd' })
    },
  })
  expect(await client('0x0300')).toBe('0xabcd')
  expect(asked).toEqual(['http://attestation.example/v1/attestations', { quote: '0x0300' }])
})

test('a refusal carries the service’s code, and nothing else of its answer', async () => {
  await expect(answering(422, { code: 'TCB_REVOKED', title: 'x' })('0x')).rejects.toMatchObject({
    code: 'QUOTE_REFUSED',
    reason: 'TCB_REVOKED',
  })
  await expect(answering(400, { code: 'MALFORMED' })('0x')).rejects.toMatchObject({ reason: 'MALFORMED' })
  await expect(answering(400, { code: '<script>' })('0x')).rejects.toMatchObject({ reason: 'HTTP_400' })
})

test('S18: an answer of another shape is no evidence', async () => {
  for (const body of ['', '{', [], { evidence: 7 }, { evidence: '0xzz' }, { evidence: '0x' }]) {
    await expect(answering(200, body)('0x')).rejects.toMatchObject({
      code: expect.stringMatching(/ATTESTATION_UNAVAILABLE|QUOTE_REFUSED/),
    })
  }
})

test('a service that is away or overloaded is told from one that refuses', async () => {
  for (const status of [429, 500, 503]) {
    await expect(answering(status, {})('0x')).rejects.toMatchObject({ code: 'ATTESTATION_UNAVAILABLE' })
  }
  const gone = createAttestationClient('http://127.0.0.1:1')
  await expect(gone('0x')).rejects.toMatchObject({ code: 'ATTESTATION_UNAVAILABLE' })
})
