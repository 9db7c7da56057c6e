/** revm, as Anvil has it: the fastest EVM that npm brings. Each call is one request over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import http from 'node:http'
import { createInterface } from 'node:readline'
import { CALLER, type Engine, GAS } from './engine.ts'

const FROM_NPM = 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil'

export async function anvilEngine(): Promise<Engine> {
  const { child, port } = await start()
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const ask = <answer>(method: string, params: unknown[]) => request<answer>(port, agent, method, params)
  return {
    id: 'anvil',
    install: (address, code) => ask('anvil_setCode', [address, code]),
    call: (to, data) => ask('eth_call', [{ from: CALLER, to, data, gas: `0x${GAS.toString(16)}` }, 'latest']),
    close: async () => {
      agent.destroy()
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill()
      await gone
    },
  }
}

async function start(): Promise<{ child: ChildProcess; port: number }> {
  const binary = process.env.ANVIL_BIN ?? (existsSync(FROM_NPM) ? FROM_NPM : 'anvil')
  const options = ['--port', '0', '--hardfork', 'osaka', '--no-mining', '--accounts', '0', '--gas-limit', `${GAS}`]
  const child = spawn(binary, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const port = line.match(/Listening on \S+:(\d+)/)?.[1]
    if (port) return { child, port: Number(port) }
  }
  throw new Error(`${binary} did not start. Set ANVIL_BIN to its path.`)
}

function request<answer>(port: number, agent: http.Agent, method: string, params: unknown[]): Promise<answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: '127.0.0.1', port, agent, method: 'POST', headers }, async (response) => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part)
      const { result, error } = JSON.parse(Buffer.concat(parts).toString()) as { result: answer; error?: unknown }
      if (error) reject(new Error(`${method}: ${JSON.stringify(error)}`))
      else resolve(result)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
