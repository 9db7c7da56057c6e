/** The client library in a browser: the same call, built by Vite and run by Chromium. */
import { tmpdir } from 'node:os'
import path from 'node:path'
import { enigmaAbi } from '@enigma/contracts'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import type { Browser, Page } from 'playwright-core'
import { type Hex, type Log, parseEventLogs } from 'viem'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './support/chromium.ts'
import type { PageInput, PageOutput } from './support/page/main.ts'
import { ADDITION, sumOf } from './support/story.ts'

const root = path.join(import.meta.dirname, 'support/page')
const outDir = path.join(tmpdir(), `enigma-page-${process.pid}`)

const browser = await launchChromium()
let network: TestNetwork
let page: PreviewServer

beforeAll(async () => {
  if (!browser) return
  const built = build({ root, configFile: false, logLevel: 'warn', build: { outDir, emptyOutDir: true } })
  network = await startNetwork({ workers: 1 })
  await built
  page = await preview({ root, configFile: false, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } })
})

afterAll(async () => {
  await browser?.close()
  await page?.close()
  await network?.stop()
})

if (browser) {
  test('a page verifies the worker, seals, asks, and shows the result', () => addIn(browser))
  test('S17: a page that is shown a quote with one bit flipped says why, and sends nothing', () => refuseIn(browser))
} else test.skip('no Chromium starts on this machine: install one, or libnss3 for the one from npm', () => {})

async function addIn(browser: Browser): Promise<void> {
  const address = await network.deploy(ADDITION)
  const { sum, events } = await askFrom(await browser.newPage(), address)
  expect(sum).toBe('42')
  expect(events).toEqual(['verifying', 'verified', 'encrypted', 'sent', 'requested', 'selected', 'settled'])
  expect(await sumOf(network, address)).toBe(42n)
}

async function refuseIn(browser: Browser): Promise<void> {
  const address = await network.deploy(ADDITION)
  const tab = await browser.newPage()
  const asked = await standBetween(tab)
  const { refused, events } = await askFrom(tab, address)
  expect(refused).toEqual(['QUOTE_SIGNATURE'])
  expect(events).toEqual(['verifying', 'rejected'])
  expect(asked).toContain('eth_getLogs')
  expect(asked.filter((method) => method.startsWith('eth_send'))).toEqual([])
}

/** Has the page compute 20 + 22 in private. */
async function askFrom(tab: Page, address: Hex): Promise<PageOutput> {
  const { rpcUrl } = network.network
  const { privateKey } = network.account('alice')
  const input: PageInput = { network: network.network, rpcUrl, privateKey, address, a: '20', b: '22' }
  await tab.goto(page.resolvedUrls?.local[0] ?? '')
  await tab.waitForFunction(() => typeof window.addInPrivate === 'function')
  return tab.evaluate((input) => window.addInPrivate(input), input)
}

/** Flips a bit of the measurement in every quote that the chain shows this page; returns what the page asks the chain. */
async function standBetween(tab: Page): Promise<string[]> {
  const asked: string[] = []
  await tab.route(`${network.network.rpcUrl}/**`, async (route) => {
    const { method } = route.request().postDataJSON() as { method: string }
    asked.push(method)
    const response = await route.fetch()
    if (method !== 'eth_getLogs') return route.fulfill({ response })
    const answer = (await response.json()) as { result: Log[] }
    return route.fulfill({ response, json: { ...answer, result: answer.result.map(spoil) } })
  })
  return asked
}

function spoil(log: Log): Log {
  const [event] = parseEventLogs({ abi: enigmaAbi, eventName: ['SeatTaken', 'SeatRenewed'], logs: [log] })
  if (!event) return log
  const quote = event.args.quote.slice(2)
  const at = 2 * (48 + 64)
  const flipped = (Number.parseInt(quote[at] ?? '0', 16) ^ 1).toString(16)
  const data = log.data.replace(quote, quote.slice(0, at) + flipped + quote.slice(at + 1)) as Hex
  return { ...log, data }
}
