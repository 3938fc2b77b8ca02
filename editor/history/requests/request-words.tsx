/** A request in words, and how it stands. */
import { Badge } from '@mantine/core'
import type { ChangeRequest } from '../../../server/api/protect.ts'
import { type HistoryText, useHistoryText } from '../use-history-text.ts'

const COLORS: Partial<Record<ChangeRequest['state'], string>> = { open: 'blue', approved: 'blue', failed: 'red' }

export function wordsOf({ kind, flows }: ChangeRequest, words: HistoryText['requests']): string {
  const names = flows.map(({ name }) => name).join(', ')
  return kind === 'unprotect' ? words.unprotect(names) : words.change(names)
}

export function RequestState({ request }: { request: ChangeRequest }) {
  const words = useHistoryText().requests
  return request.isStale ? (
    <Badge color="yellow" variant="light">
      {words.stale}
    </Badge>
  ) : (
    <Badge color={COLORS[request.state] ?? 'gray'} variant="light">
      {words.states[request.state]}
    </Badge>
  )
}
