/** What can be had of an installation that does not run: its logs, its settings, and what the doctor finds. */
import { type Config, dataPaths, readConfig } from '../config.ts'
import { examine } from '../doctor/index.ts'
import { bundle } from './bundle.ts'
import { knownSecrets } from './known.ts'
import { createScrubber } from './scrub.ts'
import { settingsOf } from './settings.ts'

/** @returns a tar.gz, without what is known to be a secret or looks like one */
export async function offlineDiagnostics({ env, root }: { env: Record<string, string | undefined>; root: string }): Promise<Buffer> {
  const config = settings(env)
  const paths = dataPaths(config)
  return bundle({
    parts: [
      { path: 'doctor.json', what: 'what "cellwright doctor" finds', content: () => examine({ env, root }) },
      { path: 'settings.txt', what: 'the settings, secret ones left out', content: () => settingsOf(config) },
      { path: 'versions.json', what: 'Node and system', content: () => ({ node: process.version, platform: process.platform, arch: process.arch }) },
    ],
    logsDir: paths.logs,
    scrub: createScrubber(await knownSecrets({ config })),
    madeAt: new Date(),
    by: 'the command line',
  })
}

/** Those that can be read; with one that is wrong, where the data is. The doctor says what is wrong. */
function settings(env: Record<string, string | undefined>): Config {
  try {
    return readConfig(env)
  } catch {
    const { CELLWRIGHT_DATA, CELLWRIGHT_SECRET_KEY, CELLWRIGHT_OWNER, DATABASE_URL, REDIS_URL } = env
    return readConfig({ CELLWRIGHT_DATA, CELLWRIGHT_SECRET_KEY, CELLWRIGHT_OWNER, DATABASE_URL, REDIS_URL })
  }
}
