/** What the sections about notifications share. */
import { MultiSelect } from '@mantine/core'
import { eventName, GROUP_NAMES } from '../../../server/api/notification-words.ts'
import { EVENT_GROUPS, EVENTS, TOLD_TYPES } from '../../../server/api/notifications.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useNotificationsText } from './words.ts'

export type ToldType = (typeof TOLD_TYPES)[number]

/** Kinds of events in their groups; none chosen is all. */
export function EventPicker({
  value,
  onChange,
  description,
  label,
}: {
  value: readonly ToldType[]
  onChange: (events: ToldType[]) => void
  label: string
  description: string
}) {
  const language = useLanguage()
  const text = useNotificationsText()
  return (
    <MultiSelect
      label={label}
      description={description}
      placeholder={value.length ? undefined : text.everything}
      data={EVENT_GROUPS.map((group) => ({
        group: GROUP_NAMES[language][group],
        items: TOLD_TYPES.filter((type) => EVENTS[type].group === group).map((type) => ({ value: type, label: eventName(type, language) })),
      }))}
      value={[...value]}
      onChange={(chosen) => onChange(TOLD_TYPES.filter((type) => chosen.includes(type)))}
      searchable
      clearable
      hidePickedOptions
      data-testid="pick-events"
    />
  )
}
