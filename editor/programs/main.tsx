/** `/programs`: the library of programs, and one program in picture, code and figures. */
import { mountPage } from '../shared/theme.tsx'
import { ProgramsPage } from './programs-page.tsx'

mountPage(<ProgramsPage />)
