/** A `.cwt` file as a template, and a folder as a `.cwt` file. */
import { Readable } from 'node:stream'
import type { Files } from './archive/limits.ts'
import { readArchive } from './archive/read-archive.ts'
import { writeArchive } from './archive/write-archive.ts'
import { readTemplate, type TemplateContent } from './read-template.ts'
import { checkSeal, type Sealed, seal } from './seal.ts'

/** Checks a file from anywhere, whole. @throws UserError template-refused */
export async function openArchive(archive: Buffer | Readable): Promise<{ content: TemplateContent; sealed: Sealed }> {
  const files = await readArchive(Buffer.isBuffer(archive) ? Readable.from(pieces(archive)) : archive)
  const sealed = await checkSeal(files)
  return { content: await readTemplate(files), sealed }
}
function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

/** A folder as an archive: sealed anew where it was not. */
export async function packFolder(files: Files): Promise<Buffer> {
  if (files.has('signature.json')) await checkSeal(files)
  return writeArchive(files.has('signature.json') ? files : await seal(files))
}
