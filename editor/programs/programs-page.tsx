/** The programs page: the library, or one program. */
import './programs.css'
import { useEffect } from 'react'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { readAddress, writeAddress } from './address.ts'
import { ProgramList } from './list/program-list.tsx'
import { useLibrary } from './use-library.ts'
import { useProgramsText } from './use-programs-text.ts'
import { ProgramView } from './view/program-view.tsx'

export function ProgramsPage() {
  const text = useProgramsText()
  const { me } = useMe()
  const [hash, go] = useHash()
  const library = useLibrary()
  const machines = useLive(
    'machines',
    upsertBy((machine) => machine.id),
    may(me, 'machines.view'),
  )
  const address = readAddress(hash)
  const isResume = address.programId === 'resume'
  const program = library.programs?.find(({ id, sha256 }) => (isResume ? sha256 === address.sha256 : id === address.programId))
  // the address of the program that was found by its content
  useEffect(() => {
    if (isResume && program) location.replace(`#${writeAddress({ ...address, programId: program.id, isStart: true })}`)
  })
  return (
    <Frame page="programs">
      {program && !isResume ? (
        <ProgramView
          key={program.id}
          program={program}
          library={library}
          machines={machines.value}
          isStale={machines.isStale}
          me={me}
          machineId={address.machineId}
          startLine={address.line}
          isStart={address.isStart}
          onOpen={go}
        />
      ) : (
        <ProgramList
          library={library}
          mayUpload={may(me, 'programs.manage')}
          missing={library.programs && hash !== '' && !program ? (isResume ? text.list.goneResume : text.list.gone) : undefined}
          onOpen={go}
        />
      )}
    </Frame>
  )
}
