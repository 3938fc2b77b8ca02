/** The library: drop files, search, open. One line a name, its older revisions below it. */
import { Button, TextInput } from '@mantine/core'
import { ChevronRight, FileUp, Search, Upload as UploadIcon } from 'lucide-react'
import { type DragEvent, Fragment, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { Program } from '../../../server/api/machines.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { byName, type Library } from '../use-library.ts'
import { useProgramsText } from '../use-programs-text.ts'
import { UploadList } from './upload-list.tsx'
import { Uploads } from './uploads.ts'

/** The list grows by so many: a library of thousands is searched, not scrolled. */
const STEP = 100
const KINDS = '.nc,.ngc,.gcode,.gc,.cnc,.tap,.txt,.din,.mpf,.eia,.iso,.min,text/plain'

export interface ProgramListProps {
  library: Library
  mayUpload: boolean
  missing: string | undefined
  onOpen: (programId: string) => void
}

export function ProgramList({ library, mayUpload, missing, onOpen }: ProgramListProps) {
  const text = useProgramsText()
  const { programs, error, refresh } = library
  const [wanted, setWanted] = useState('')
  const [most, setMost] = useState(STEP)
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const known = useRef<ReadonlySet<string>>(new Set())
  known.current = new Set(programs?.map(({ id }) => id))
  const [uploads] = useState(() => new Uploads({ known: () => known.current, onDone: () => void refresh() }))
  const list = useSyncExternalStore(uploads.watch, uploads.list)
  const found = useMemo(() => byName(programs ?? [], wanted), [programs, wanted])
  const depth = useRef(0)
  // a file that misses the page would otherwise take its place in the window
  useEffect(() => {
    const stay = (event: Event) => event.preventDefault()
    addEventListener('dragover', stay)
    addEventListener('drop', stay)
    return () => {
      removeEventListener('dragover', stay)
      removeEventListener('drop', stay)
    }
  }, [])
  const hasFiles = (event: DragEvent) => mayUpload && event.dataTransfer.types.includes('Files')
  return (
    <section
      className="p-list"
      aria-label={text.list.title}
      data-over={isOver || undefined}
      onDragEnter={(event) => {
        if (!hasFiles(event)) return
        depth.current += 1
        setOver(true)
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1)
        if (depth.current === 0) setOver(false)
      }}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault()
      }}
      onDrop={(event) => {
        event.preventDefault()
        depth.current = 0
        setOver(false)
        if (mayUpload) uploads.add(event.dataTransfer.files)
      }}
    >
      <header className="p-head">
        <h1>{text.list.title}</h1>
        <TextInput
          aria-label={text.list.search}
          placeholder={text.list.search}
          leftSection={<Search size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => {
            setWanted(event.currentTarget.value)
            setMost(STEP)
          }}
          data-testid="search-programs"
        />
        {mayUpload && (
          <>
            <input
              ref={input}
              type="file"
              multiple
              accept={KINDS}
              hidden
              onChange={(event) => {
                uploads.add(event.currentTarget.files ?? [])
                event.currentTarget.value = ''
              }}
              data-testid="upload-input"
            />
            <Button leftSection={<FileUp size={16} aria-hidden />} onClick={() => input.current?.click()} data-testid="upload">
              {text.upload.choose}
            </Button>
          </>
        )}
      </header>
      {missing && <p className="p-notice">{missing}</p>}
      {error && (
        <p className="p-problem" role="alert">
          {error}
        </p>
      )}
      <UploadList uploads={uploads} list={list} onOpen={onOpen} />
      {programs === undefined && !error && <div className="p-skeleton" aria-hidden />}
      {programs?.length === 0 && (
        <div className="p-empty" data-testid="no-programs">
          <UploadIcon size={32} aria-hidden />
          <h2>{text.list.empty}</h2>
          <p>{mayUpload ? text.list.emptyText : text.list.emptyView}</p>
          <ul>
            {text.list.emptyPoints.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
        </div>
      )}
      {programs && programs.length > 0 && (
        <>
          <div className="p-table-box">
            <table className="p-table">
              <thead>
                <tr>
                  <th scope="col">{text.list.name}</th>
                  <th scope="col" className="p-right p-wide-only">
                    {text.list.lines}
                  </th>
                  <th scope="col" className="p-right p-wide-only">
                    {text.list.size}
                  </th>
                  <th scope="col">{text.list.by}</th>
                </tr>
              </thead>
              <tbody>
                {found.slice(0, most).map((one) => (
                  <NameRows key={one.name} {...one} onOpen={onOpen} />
                ))}
              </tbody>
            </table>
          </div>
          {found.length === 0 && <p className="p-hint">{text.list.noMatch}</p>}
          {found.length > most && (
            <Button variant="default" onClick={() => setMost(most + STEP)}>
              {text.list.more(String(found.length - most))}
            </Button>
          )}
          {mayUpload && <p className="p-hint">{text.upload.dropHint}</p>}
        </>
      )}
      {isOver && (
        <div className="p-drop" aria-hidden>
          <UploadIcon size={40} />
          <strong>{text.upload.drop}</strong>
        </div>
      )}
    </section>
  )
}

interface NameRowsProps {
  name: string
  newest: Program
  older: readonly Program[]
  onOpen: (programId: string) => void
}

function NameRows({ name, newest, older, onOpen }: NameRowsProps) {
  const text = useProgramsText().list
  const [isOpen, setOpen] = useState(false)
  return (
    <Fragment>
      <ProgramRow program={newest} onOpen={onOpen}>
        <span className="p-name">
          {older.length > 0 ? (
            <button
              type="button"
              className="p-twist"
              aria-expanded={isOpen}
              aria-label={text.revisions(name, String(older.length))}
              onClick={() => setOpen(!isOpen)}
            >
              <ChevronRight size={16} aria-hidden />
            </button>
          ) : (
            <span className="p-twist" />
          )}
          <a href={`#${newest.id}`} data-testid={`program-${newest.name}`}>
            {name}
          </a>
          {newest.revision > 1 && <small>{text.revision(String(newest.revision))}</small>}
        </span>
      </ProgramRow>
      {isOpen &&
        older.map((program) => (
          <ProgramRow key={program.id} program={program} onOpen={onOpen}>
            <span className="p-name p-older">
              <a href={`#${program.id}`}>{text.revision(String(program.revision))}</a>
            </span>
          </ProgramRow>
        ))}
    </Fragment>
  )
}

function ProgramRow({ program, onOpen, children }: { program: Program; onOpen: (programId: string) => void; children: React.ReactNode }) {
  const format = formats(useLanguage())
  return (
    // a short cut for the mouse: the name in it is a link
    <tr
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest('a, button')) onOpen(program.id)
      }}
    >
      <td>
        {children}
        {program.origin && <span className="p-origin">{program.origin.text}</span>}
      </td>
      <td className="p-right cw-numbers p-wide-only">{format.number(program.lines)}</td>
      <td className="p-right cw-numbers p-wide-only">{format.bytes(program.bytes)}</td>
      <td>
        {program.uploadedBy}, <time dateTime={program.uploadedAt}>{format.dateTime(program.uploadedAt)}</time>
      </td>
    </tr>
  )
}
