/** A passphrase: from the environment, or typed by a person without being shown. Never an argument: those are in every list of processes. */
import { UserError } from '../../base/errors.ts'

const VARIABLE = 'CELLWRIGHT_BACKUP_PASSPHRASE'

/**
 * @param options.isNew typed twice, since a mistake could not be put right later
 * @throws UserError no-passphrase, passphrase-differs
 */
export async function askPassphrase({ isNew }: { isNew: boolean }): Promise<string> {
  const given = process.env[VARIABLE]
  if (given) return given
  if (!process.stdin.isTTY)
    throw new UserError({
      code: 'no-passphrase',
      message: `There is nobody to type the passphrase of the back-up: set ${VARIABLE}, or run this on a terminal.`,
    })
  const first = await typed(isNew ? 'Passphrase that locks the back-up: ' : 'Passphrase of the back-up: ')
  if (!first) throw new UserError({ code: 'no-passphrase', message: 'No passphrase was typed. Nothing was done.' })
  if (isNew && (await typed('The same again: ')) !== first)
    throw new UserError({ code: 'passphrase-differs', message: 'The two are not the same. Nothing was done; try again.' })
  return first
}

/** One line from the terminal, without an echo. @throws UserError stopped by Ctrl-C */
function typed(prompt: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(prompt)
  return new Promise((resolve, reject) => {
    let text = ''
    const end = (settle: () => void) => {
      stdin.off('data', onData)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      settle()
    }
    const onData = (chunk: string) => {
      for (const character of chunk)
        switch (character) {
          case '\r':
          case '\n':
          case '\u0004':
            return end(() => resolve(text))
          case '\u0003':
            return end(() => reject(new UserError({ code: 'stopped', message: 'Stopped. Nothing was done.' })))
          case '\u007f':
          case '\b':
            text = [...text].slice(0, -1).join('')
            break
          default:
            if (character >= ' ') text += character
        }
    }
    stdin.setRawMode(true)
    stdin.setEncoding('utf8').on('data', onData).resume()
  })
}
