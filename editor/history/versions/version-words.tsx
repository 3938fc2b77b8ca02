/** A version in words, and its marks. */
import { Badge } from '@mantine/core'
import { Bookmark } from 'lucide-react'
import type { VersionEntry } from '../../../server/api/versions.ts'
import { type HistoryText, useHistoryText } from '../use-history-text.ts'

/** What a version is of, in the page's language where it is known. */
export function titleOf({ kind, subject, title }: Pick<VersionEntry, 'kind' | 'subject' | 'title'>, text: HistoryText): string {
  if (kind === 'flow') return text.versions.one.flow
  const known: Readonly<Record<string, string>> = text.versions.settings
  return (kind === 'setting' ? known[subject] : undefined) ?? `${text.versions.one[kind]}: ${title}`
}

export function Marks({ version }: { version: VersionEntry }) {
  const words = useHistoryText().versions
  return (
    <>
      {version.label !== undefined && (
        <Badge color="blue" variant="light" leftSection={<Bookmark size={11} aria-hidden />}>
          {version.label}
        </Badge>
      )}
      {version.isCurrent && (
        <Badge color="gray" variant="light">
          {words.current}
        </Badge>
      )}
      {version.state !== undefined && version.state !== 'deployed' && (
        <Badge color={version.state === 'failed' ? 'red' : 'gray'} variant="light">
          {words.states[version.state]}
        </Badge>
      )}
    </>
  )
}
