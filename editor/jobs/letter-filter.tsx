/** What the dead letters are narrowed to: words, queue, job, cause. */
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type JobQueue, type LetterFilter, type LetterGroups, listLetterGroups } from '../../server/api/jobs.ts'
import { call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { nameOf } from './queue-name.ts'
import { useJobsText } from './use-jobs-text.ts'

interface LetterFilterBarProps {
  queues: readonly JobQueue[]
  version: number
  filter: LetterFilter
  onChange: (filter: LetterFilter) => void
}

export function LetterFilterBar({ queues, version, filter, onChange }: LetterFilterBarProps) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const groups = useGroups(version)
  const counted = (what: string, count: number) => text.counted(what, format.number(count))
  const narrow = (change: { [K in keyof LetterFilter]: LetterFilter[K] | undefined }) =>
    onChange(Object.fromEntries(Object.entries({ ...filter, ...change }).filter(([, value]) => value)) as LetterFilter)
  const names = groups?.names.filter(({ queue }) => filter.queue === undefined || queue === filter.queue) ?? []
  const byName = Map.groupBy(names, ({ name }) => name)
  return (
    <div className="jobs-letter-filter">
      <TextInput
        aria-label={text.search}
        placeholder={text.search}
        size="xs"
        leftSection={<Search size={14} aria-hidden />}
        value={filter.text ?? ''}
        onChange={(event) => narrow({ text: event.currentTarget.value })}
        data-testid="letter-search"
      />
      <NativeSelect
        aria-label={text.queues}
        size="xs"
        value={filter.queue ?? ''}
        onChange={(event) => narrow({ queue: event.currentTarget.value })}
        data={[
          { value: '', label: text.everyQueue },
          ...queues
            .filter(({ dead, queue }) => dead > 0 || queue === filter.queue)
            .map((queue) => ({ value: queue.queue, label: counted(nameOf(queue, text), queue.dead) })),
        ]}
        data-testid="letter-queue"
      />
      <NativeSelect
        aria-label={text.everyName}
        size="xs"
        value={filter.name ?? ''}
        onChange={(event) => narrow({ name: event.currentTarget.value })}
        data={[
          { value: '', label: text.everyName },
          ...[...byName].map(([name, all]) => ({
            value: name,
            label: counted(
              name,
              all.reduce((sum, { count }) => sum + count, 0),
            ),
          })),
        ]}
        data-testid="letter-name"
      />
      <NativeSelect
        aria-label={text.everyCause}
        size="xs"
        value={filter.cause ?? ''}
        onChange={(event) => narrow({ cause: groups?.causes.find(({ cause }) => cause === event.currentTarget.value)?.cause })}
        data={[
          { value: '', label: text.everyCause },
          ...(groups?.causes.map(({ cause, count }) => ({ value: cause, label: counted(text.causes[cause], count) })) ?? []),
        ]}
        data-testid="letter-cause"
      />
      {Object.keys(filter).length > 0 && (
        <Button size="xs" variant="subtle" onClick={() => onChange({})} data-testid="letter-clear">
          {text.clearFilter}
        </Button>
      )}
    </div>
  )
}

/** @param version another one: read again */
function useGroups(version: number): LetterGroups | undefined {
  const [groups, setGroups] = useState<LetterGroups>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that something has ended or was dealt with
  useEffect(() => {
    const leaving = new AbortController()
    // without the choices everything else still works
    call(listLetterGroups, { signal: leaving.signal }).then(setGroups, () => {})
    return () => leaving.abort()
  }, [version])
  return groups
}
