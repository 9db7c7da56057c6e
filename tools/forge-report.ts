// What Forge says of its tests, read from its JUnit report: its JSON has every trace in it, which is hundreds of megabytes.

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' }

const plain = (text: string) => text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity)

/** Counts of the tests in `xml`, and a line for each that failed. */
export function readForgeReport(xml: string) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  for (const [, suite = '', cases = ''] of xml.matchAll(/<testsuite name="([^"]*)"[^>]*>(.*?)<\/testsuite>/gs)) {
    for (const [, name = '', said = ''] of cases.matchAll(/<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)) {
      const failure = said.match(/<failure(?: message="([^"]*)")?/)
      if (failure) {
        counts.failed++
        failures.push(plain(`${suite} ${name}: ${failure[1] || 'failed'}`))
      } else if (said.includes('<skipped')) counts.skipped++
      else counts.passed++
    }
  }
  return { counts, failures }
}
