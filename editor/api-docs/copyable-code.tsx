/** Text for a terminal or a program, and a button that copies it. */
import { Button, CopyButton } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useApiText } from './words.ts'

export function CopyableCode({ value, label }: { value: string; label: string }) {
  const text = useApiText()
  return (
    <div className="api-code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>{value}</pre>
      </section>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            onClick={copy}
            aria-live="polite"
          >
            {copied ? text.copied : text.copy}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}
