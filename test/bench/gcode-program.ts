/** A long program of short moves, the same every time: rows of a finishing pass over a wavy surface. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** Writes the program; the number of lines is exact. */
export async function writeFinishingProgram(path: string, lineCount: number): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  const head = ['(finishing pass)', 'G17 G21 G40 G49 G80 G90 G94', 'T1 M6', 'S12000 M3', 'G0 X0 Y0', 'G0 Z5', 'G1 Z0 F500']
  // no M30: the same file can be read again as if the program went on
  const tail = ['G0 Z5', 'M5']
  let text = `${head.join('\n')}\n`
  for (let i = 0; i < lineCount - head.length - tail.length; i += 1) {
    const row = Math.floor(i / 2000)
    const along = i % 2000
    const x = (row % 2 === 0 ? along : 1999 - along) * 0.15
    const y = row * 0.2
    const z = -4 + 3 * Math.sin(x / 17) * Math.cos(y / 23)
    text += `G1 X${x.toFixed(3)} Y${y.toFixed(3)} Z${z.toFixed(4)}${along === 0 ? ' F2400' : ''}\n`
    if (text.length > 1 << 20) {
      if (!file.write(text)) await once(file, 'drain')
      text = ''
    }
  }
  file.end(`${text}${tail.join('\n')}\n`)
  await once(file, 'close')
}
