/** Small files that hold a secret: whole or not at all, readable by their owner alone from the first byte. */
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

/** @param options.isSynced also there after a power cut @defaultValue false */
export async function writeOwnerFile(file: string, text: string, { isSynced = false }: { isSynced?: boolean } = {}): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    if (isSynced) await handle.sync()
    await handle.close()
    await rename(temporary, file)
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}
