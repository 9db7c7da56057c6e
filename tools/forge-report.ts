// What Forge says of its tests, read from its JUnit report: its JSON has every trace in it, which is hundreds of megabytes.

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' }

const plain = (text: string) => text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity)

/** A suite is `FILE:CONTRACT`, a test its signature. */
export type ForgeFailure = { suite: string; test: string; reason: string }

/** Counts of the tests in `xml`, and those that failed. */
export function readForgeReport(xml: string) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: ForgeFailure[] = []
  for (const [, suite = '', cases = ''] of xml.matchAll(/<testsuite name="([^"]*)"[^>]*>(.*?)<\/testsuite>/gs)) {
    for (const [, name = '', said = ''] of cases.matchAll(/<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)) {
      const failure = said.match(/<failure(?: message="([^"]*)")?/)
      if (failure) {
        counts.failed++
        failures.push({ suite: plain(suite), test: plain(name), reason: plain(failure[1] || 'failed') })
      } else if (said.includes('<skipped')) counts.skipped++
      else counts.passed++
    }
  }
  return { counts, failures }
}
