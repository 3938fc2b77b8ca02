/** A field for code, expressions, JSON or notes: grows with its text, and opens large. The editor itself is loaded when first shown. */
import './code.css'
import { ActionIcon, Modal, Textarea } from '@mantine/core'
import { Maximize2 } from 'lucide-react'
import { type CSSProperties, createContext, type ReactNode, useContext, useEffect, useId, useRef, useState } from 'react'
import { useConfigText } from '../text.ts'
import type { CodeHandle, CodeLanguage, CodePath } from './code-view.ts'

export interface CodeEditorProps {
  language: CodeLanguage
  value: string
  onChange: (value: string) => void
  label: string
  /** The label is there for screen readers only. */
  isLabelHidden?: boolean
  description?: string | undefined
  placeholder?: string | undefined
  error?: string | undefined
  withAsterisk?: boolean
  /** @defaultValue 4 */
  minRows?: number
  isReadOnly?: boolean
  hasLineNumbers?: boolean
  /** Paths into the last real message. */
  paths?: readonly CodePath[]
  /** Where an expression is wrong. */
  mark?: { at: number; message: string } | undefined
  /** Stands under the text: the live result of an expression. Given the large view, too. */
  below?: ReactNode
  leftSection?: ReactNode
  'data-testid': string
}

/** The whole form may only be looked at. */
export const ReadOnlyContext = createContext(false)

let loaded: Promise<typeof import('./code-view.ts')> | undefined
const loadView = () => {
  loaded ??= import('./code-view.ts')
  return loaded
}

export function CodeEditor(props: CodeEditorProps) {
  const text = useConfigText()
  const [isLarge, setLarge] = useState(false)
  const id = useId()
  const { label, isLabelHidden, description, error, withAsterisk, below, leftSection } = props
  return (
    <div className="code-field">
      <div className="code-field-head">
        <span className={isLabelHidden ? 'only-read' : 'form-label'} id={id}>
          {label}
          {withAsterisk && (
            <span className="code-field-star" aria-hidden>
              {' '}
              *
            </span>
          )}
        </span>
        {leftSection}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          onClick={() => setLarge(true)}
          aria-label={text.code.large(label)}
          title={text.code.large(label)}
          data-testid={`${props['data-testid']}-large`}
        >
          <Maximize2 size={14} aria-hidden />
        </ActionIcon>
      </div>
      {description && <span className="form-help">{description}</span>}
      {!isLarge && <CodeBox {...props} />}
      {error && (
        <span className="form-error" role="alert">
          {error}
        </span>
      )}
      {!isLarge && below}
      <Modal
        opened={isLarge}
        onClose={() => setLarge(false)}
        title={label}
        size="min(1100px, 92vw)"
        centered
        closeButtonProps={{ 'aria-label': text.code.small }}
        closeOnEscape={false}
        // the editor inside has Esc first
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          setLarge(false)
        }}
      >
        {isLarge && (
          // biome-ignore lint/a11y/noStaticElementInteractions: keys of the editor inside go on to here
          <div
            className="code-large"
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
              event.preventDefault()
              event.stopPropagation()
              setLarge(false)
            }}
          >
            <CodeBox {...props} isLarge onEscape={() => setLarge(false)} />
            {error && <span className="form-error">{error}</span>}
            {below}
          </div>
        )}
      </Modal>
    </div>
  )
}

function CodeBox({
  language,
  value,
  onChange,
  label,
  placeholder,
  error,
  minRows = 4,
  isReadOnly: isFieldReadOnly = false,
  hasLineNumbers = false,
  paths,
  mark,
  isLarge = false,
  onEscape,
  ...rest
}: CodeEditorProps & { isLarge?: boolean; onEscape?: () => void }) {
  const text = useConfigText()
  const isFormReadOnly = useContext(ReadOnlyContext)
  const isReadOnly = isFieldReadOnly || isFormReadOnly
  const place = useRef<HTMLDivElement>(null)
  const handle = useRef<CodeHandle>(undefined)
  const [isReady, setReady] = useState(false)
  const testId = rest['data-testid']
  const now = useRef({ value, onChange, paths, onEscape, attributes: {} as Record<string, string> })
  now.current = { value, onChange, paths, onEscape, attributes: { 'data-testid': testId, ...(error && { 'aria-invalid': 'true' }) } }

  useEffect(() => {
    let isGone = false
    void loadView().then(({ openCode }) => {
      if (isGone || !place.current) return
      const had = place.current.parentElement?.contains(document.activeElement)
      handle.current = openCode({
        parent: place.current,
        language,
        value: now.current.value,
        label,
        hint: placeholder,
        isReadOnly,
        hasLineNumbers: hasLineNumbers || isLarge,
        attributes: now.current.attributes,
        paths: () => now.current.paths ?? [],
        words: { syntaxError: text.code.syntaxError },
        onChange: (next) => now.current.onChange(next),
        onEscape: () => (now.current.onEscape ? now.current.onEscape() : place.current?.closest<HTMLElement>('form,[tabindex="-1"]')?.focus()),
      })
      setReady(true)
      if (had || isLarge) handle.current.focus()
    })
    return () => {
      isGone = true
      handle.current?.close()
      handle.current = undefined
    }
    // another language is another editor; the rest is told to the one that is there
  }, [language, label, placeholder, isReadOnly, hasLineNumbers, isLarge, text])

  useEffect(() => handle.current?.set(value), [value])
  useEffect(() => {
    if (isReady) handle.current?.setAttributes({ 'data-testid': testId, ...(error && { 'aria-invalid': 'true' }) })
  }, [isReady, testId, error])
  useEffect(() => {
    if (isReady) handle.current?.mark(mark)
  }, [isReady, mark])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the editor inside go on to here
    <div
      className="code-box"
      data-invalid={error !== undefined || undefined}
      data-large={isLarge || undefined}
      style={{ '--code-rows': minRows } as CSSProperties}
      // what the editor did with a key is not the form's business; Esc of an open list closes the list only
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.stopPropagation()
      }}
    >
      <div ref={place} hidden={!isReady} className="code-place" />
      {!isReady && (
        <Textarea
          aria-label={label}
          autosize
          minRows={minRows}
          classNames={{ input: 'form-code' }}
          value={value}
          readOnly={isReadOnly}
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  )
}
