/** The client library in a browser: the same call, built by Vite and run by Chromium. */
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import type { Browser } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './support/chromium.ts'
import type { PageInput } from './support/page/main.ts'
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

if (browser) test('a page verifies the worker, seals, asks, and shows the result', () => addIn(browser))
else test.skip('no Chromium starts on this machine: install one, or libnss3 for the one from npm', () => {})

async function addIn(browser: Browser): Promise<void> {
  const address = await network.deploy(ADDITION)
  const input: PageInput = {
    network: network.network,
    rpcUrl: network.network.rpcUrl,
    privateKey: network.account('alice').privateKey,
    address,
    a: '20',
    b: '22',
  }
  const tab = await browser.newPage()
  await tab.goto(page.resolvedUrls?.local[0] ?? '')
  await tab.waitForFunction(() => typeof window.addInPrivate === 'function')
  const { sum, events } = await tab.evaluate((input) => window.addInPrivate(input), input)
  expect(sum).toBe('42')
  expect(events).toEqual(['verifying', 'verified', 'encrypted', 'sent', 'requested', 'selected', 'settled'])
  expect(await sumOf(network, address)).toBe(42n)
}
