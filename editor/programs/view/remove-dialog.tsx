/** Takes a revision of a program out of the library, after a second look. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { type Program, removeProgram } from '../../../server/api/machines.ts'
import { call } from '../../shared/api.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useProgramsText } from '../use-programs-text.ts'

export function RemoveDialog({ program, onClose, onRemoved }: { program: Program; onClose: () => void; onRemoved: () => void }) {
  const text = useProgramsText().remove
  const common = useCommonText()
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const remove = () => {
    setBusy(true)
    call(removeProgram, { params: { programId: program.id } }).then(onRemoved, (error: Error) => {
      setProblem(error.message)
      setBusy(false)
    })
  }
  return (
    <WorkDialog title={text.title(program.name)} onClose={onClose}>
      <p>{text.what(String(program.revision))}</p>
      {problem && (
        <p className="p-problem" role="alert">
          {problem}
        </p>
      )}
      <footer className="p-dialog-foot">
        <Button variant="default" onClick={onClose} data-autofocus>
          {common.cancel}
        </Button>
        <Button color="red" loading={isBusy} onClick={remove} data-testid="remove">
          {text.now}
        </Button>
      </footer>
    </WorkDialog>
  )
}
