/** The owner-only file by which the command line on this computer finds the server and a token for it. */
import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'

interface CliAccess {
  url: string
  token: string
}

/** Written whole or not at all, readable by the owner alone from its first byte. */
export async function writeCliAccess(file: string, access: CliAccess): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(access)}\n`)
    await handle.close()
    await rename(temporary, file)
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

/** Takes the file away at the end, unless a later gateway has written its own. */
export async function removeCliAccess(file: string, token: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  if (text.includes(token)) await rm(file, { force: true })
}
