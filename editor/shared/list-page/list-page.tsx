/** The shell of a page that is a list and one of it beside it: what is loading, stale, refused, empty or not found stands in the same place everywhere. */
import './list-page.css'
import { ArrowLeft, type LucideIcon } from 'lucide-react'
import type { CSSProperties, ReactNode } from 'react'

export interface ListPageProps {
  title: string
  /** Of the list, for a screen reader. */
  label: string
  /** Beside and below the title: search, filters, what is added. */
  tools?: ReactNode
  /** Undefined while nothing has come yet. */
  count: number | undefined
  /** How many of them are shown, after search and filters. */
  found: number
  isStale: boolean
  problem: string | undefined
  words: { stale: string; noMatch: string; choose: string }
  /** Instead of a list that has nothing: {@link ListEmpty}. */
  empty: ReactNode
  /** The lines: `li`s. */
  children: ReactNode
  /** Below the lines. */
  more?: ReactNode
  /** What is chosen. */
  detail: ReactNode | undefined
  /** The list is at least so wide. @defaultValue 400 */
  widthPx?: number
  /** How much of the window the chosen one has, beside five of the list. @defaultValue 7 */
  detailShare?: number
}

export function ListPage({ title, label, tools, count, found, isStale, problem, words, empty, children, more, detail, widthPx, detailShare }: ListPageProps) {
  const sizes = {
    ...(widthPx === undefined ? {} : { '--list-width': `${widthPx}px` }),
    ...(detailShare === undefined ? {} : { '--detail-share': `${detailShare}fr` }),
  } as CSSProperties
  return (
    <div className="list-page" style={sizes} data-chosen={detail ? true : undefined}>
      <section className="list-list" aria-label={label}>
        <header>
          <h1>{title}</h1>
          {tools}
        </header>
        {isStale && <p className="list-note">{words.stale}</p>}
        {problem && <p className="list-problem">{problem}</p>}
        {count === undefined && !problem && <div className="list-skeleton" aria-hidden />}
        {count === 0 && empty}
        {count !== undefined && count > 0 && found === 0 && <p className="list-note">{words.noMatch}</p>}
        <ol>{children}</ol>
        {more}
      </section>
      {detail ?? (count !== undefined && count > 0 && <p className="list-detail list-choose">{words.choose}</p>)}
    </div>
  )
}

/** Back to the list, where it is not beside. */
export function ListBack({ label, onBack }: { label: string; onBack: () => void }) {
  return (
    <button type="button" className="list-back" onClick={onBack}>
      <ArrowLeft size={16} aria-hidden /> {label}
    </button>
  )
}

/** What stands there while there is nothing: what it is for, and the way to the first one. */
export function ListEmpty({
  icon: Icon,
  title,
  text,
  steps,
  children,
  testId,
}: {
  icon: LucideIcon
  title: string
  text: string
  steps: readonly string[]
  /** What begins it. */
  children?: ReactNode
  testId: string
}) {
  return (
    <div className="list-empty" data-testid={testId}>
      <Icon size={32} aria-hidden />
      <h2>{title}</h2>
      <p>{text}</p>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {children}
    </div>
  )
}
