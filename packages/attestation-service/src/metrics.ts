/** What the service counts, for Prometheus. Names are part of the interface: docs/running-a-node.md says what to alert on. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { CollateralCache } from './collateral-cache.ts'
import type { DocumentName } from './document.ts'

export type Metrics = ReturnType<typeof createMetrics>

/** `now` in unix seconds. */
export function createMetrics(cache: () => Pick<CollateralCache, 'status' | 'lastFetchedAt'>, now: () => number) {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `enigma_attestation_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(
    name: string,
    help: string,
    collect: (it: Gauge<Label>) => void,
    ...labelNames: Label[]
  ) =>
    new Gauge({
      name: `enigma_attestation_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        collect(this)
      },
    })

  const requests = counter('requests_total', 'Requests by route and HTTP status.', 'route', 'status')
  const verdicts = counter('verdicts_total', 'Quotes verified, by outcome: accepted, or the code.', 'outcome')
  const fetches = counter('upstream_fetches_total', 'Documents asked of the source.', 'document')
  const failures = counter('upstream_failures_total', 'Of these, those that gave nothing.', 'document', 'code')
  const pushes = counter(
    'keeper_pushes_total',
    'What the keeper did, by part: sent, then mined, reverted or abandoned; or the code of what stood in its way.',
    'part',
    'outcome',
  )
  let keptAt = 0
  let balanceWei = 0n
  gauge('upstream_last_success_seconds', 'Unix time of the last document from the source; 0 for never.', (it) =>
    it.set(cache().lastFetchedAt() ?? 0),
  )
  gauge('documents', 'Documents held.', (it) =>
    it.set(
      cache()
        .status()
        .filter(({ validUntil }) => validUntil !== undefined).length,
    ),
  )
  gauge(
    'document_expires_seconds',
    'Seconds until a document that is to be held expires; below zero it is not served any more.',
    (it) => {
      it.reset()
      for (const { label, validUntil, isStanding } of cache().status()) {
        if (isStanding && validUntil !== undefined) it.set({ document: label }, validUntil - now())
      }
    },
    'document',
  )
  gauge('keeper_last_success_seconds', 'Unix time when the chain last held all it should; 0 for never.', (it) =>
    it.set(keptAt),
  )
  gauge('keeper_balance_ether', 'What the account of the keeper holds.', (it) => it.set(Number(balanceWei) / 1e18))
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    request: (route: string, status: number) => requests.inc({ route, status: `${status}` }),
    verdict: (outcome: string) => verdicts.inc({ outcome }),
    /** By kind, not by label: strangers choose the FMSPC. */
    fetch({ kind }: DocumentName, code: string | undefined): void {
      fetches.inc({ document: kind })
      if (code !== undefined) failures.inc({ document: kind, code })
    },
    push: (part: string, outcome: string) => pushes.inc({ part, outcome }),
    kept(): void {
      keptAt = now()
    },
    balance(wei: bigint): void {
      balanceWei = wei
    },
  }
}
