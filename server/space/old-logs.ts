/** Log files that were turned over: the oldest go when all logs take more than their budget. Those that are written to stay. */
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** As the launcher names them (server/launcher/log-files.ts), and as earlier versions did. */
const ASIDE = /-\d{8}T\d{6}Z\.log(\.gz)?$|\.log\.\d+(\.gz)?$/

/** @returns bytes that were deleted */
export async function trimLogs({ logsDir, maxBytes }: { logsDir: string; maxBytes: number }): Promise<number> {
  const names = await readdir(logsDir).catch(() => [])
  const found = (
    await Promise.all(
      names.map(async (name) => {
        const facts = await lstat(join(logsDir, name)).catch(() => undefined)
        return facts?.isFile() ? [{ name, bytes: facts.size, at: facts.mtimeMs }] : []
      }),
    )
  ).flat()
  let excess = found.reduce((sum, { bytes }) => sum + bytes, 0) - maxBytes
  let gone = 0
  for (const { name, bytes } of found.filter((each) => ASIDE.test(each.name)).toSorted((a, b) => a.at - b.at)) {
    if (excess <= 0) break
    await rm(join(logsDir, name), { force: true })
    excess -= bytes
    gone += bytes
  }
  return gone
}
