/** Which lines of a text went and came: for code. The longest common part (dynamic programming), after equal ends are cut off. */

export interface LineChange {
  kind: 'same' | 'removed' | 'added'
  text: string
}

/** Texts of more lines that differ are shown whole, one after the other: the table would be too large. */
const MOST_CELLS = 1_000_000

export function diffLines(before: string, after: string): LineChange[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const same = (lines: string[]): LineChange[] => lines.map((text) => ({ kind: 'same', text }))
  return [...same(a.slice(0, head)), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...same(a.slice(a.length - tail))]
}

function middle(a: string[], b: string[]): LineChange[] {
  const removed = (text: string): LineChange => ({ kind: 'removed', text })
  const added = (text: string): LineChange => ({ kind: 'added', text })
  if (a.length * b.length > MOST_CELLS) return [...a.map(removed), ...b.map(added)]
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const changes: LineChange[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      changes.push({ kind: 'same', text: a[i] as string })
      i += 1
      j += 1
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      changes.push(removed(a[i] as string))
      i += 1
    } else {
      changes.push(added(b[j] as string))
      j += 1
    }
  }
  return [...changes, ...a.slice(i).map(removed), ...b.slice(j).map(added)]
}
