/** Why somebody changes something, where the change makes a version: the same small field in every form, never asked for. */
import { TextInput } from '@mantine/core'
import { useCommonText } from './theme.tsx'

/** As the API bounds it (`ReasonField` of `server/api/versions.ts`). */
const LONGEST = 500

export interface VersionReasonProps {
  value: string
  onChange: (reason: string) => void
  isDisabled?: boolean
  /** In a row of buttons, where the field's own words have to name it. @defaultValue false */
  isInline?: boolean
}

export function VersionReason({ value, onChange, isDisabled = false, isInline = false }: VersionReasonProps) {
  const { reason } = useCommonText()
  return (
    <TextInput
      {...(isInline ? { 'aria-label': reason.label, placeholder: reason.label, size: 'sm' } : { label: reason.label, placeholder: reason.hint })}
      className="cw-version-reason"
      data-inline={isInline || undefined}
      title={reason.hint}
      maxLength={LONGEST}
      value={value}
      disabled={isDisabled}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
      data-testid="version-reason-field"
    />
  )
}

/** For the body of the change: nothing where nothing was written. */
export function reasonOf(written: string): { reason?: string } {
  const reason = written.trim()
  return reason ? { reason } : {}
}
