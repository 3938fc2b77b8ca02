/** Deutsch: what our nodes say below themselves in the designer, by their English text with its blanks. What is not here is shown as it is. */
import { sayerOf } from './patterns.ts'
import { germanSentence } from './sentences.ts'

const states: Readonly<Record<string, string>> = {
  'not connected to Cellwright': 'nicht mit Cellwright verbunden',
  '{what} just now': '{what}, gerade eben',
  'not set up: {why}': 'nicht eingerichtet: {why}',
  ready: 'bereit',
  'switched off': 'ausgeschaltet',

  // what waits: since when, and for what
  'nothing waits': 'nichts wartet',
  'nothing under way': 'nichts im Gange',
  'no call under way': 'kein Aufruf im Gange',
  '{limit}: nothing waits': '{limit}: nichts wartet',
  '{count} waiting': '{count} warten',
  'since {time}:{minutes}: {what}': 'seit {time}:{minutes}: {what}',
  '{count} since {time}:{minutes}: {what}': '{count} seit {time}:{minutes}: {what}',
  waits: 'wartet',
  'for {span}': 'für {span}',
  'until {time}': 'bis {time}',
  'its turn at {time} ({limit})': 'um {time} an der Reihe ({limit})',
  '"{name}" to be free': '„{name}“ soll frei sein',
  'its branch to give "{name}" back': 'sein Zweig soll „{name}“ zurückgeben',
  'an answer: {question}': 'eine Antwort: {question}',
  'event "{event}"': 'Ereignis „{event}“',
  'event "{event}" of {key}': 'Ereignis „{event}“ von {key}',
  'the answer of "{flow}"': 'die Antwort von „{flow}“',
  'round {count} of at most {total}': 'Runde {count} von höchstens {total}',
  'pauses before round {count} until {time}': 'Pause vor Runde {count} bis {time}',
  'try {count} of {total}': 'Versuch {count} von {total}',
  'the branch "{branch}"': 'der Zweig „{branch}“',
  'undoing, {count} left': 'macht rückgängig, noch {count}',
  'a person has to say whether {what} is done again': 'jemand muss sagen, ob {what} noch einmal gemacht wird',

  // calls and scopes
  'waiting for calls of "{flow}"': 'wartet auf Aufrufe von „{flow}“',
  'called once': 'einmal aufgerufen',
  'called {count} times': '{count} mal aufgerufen',
  'gave back': 'zurückgegeben',
  'gave back a failure: {why}': 'einen Fehler zurückgegeben: {why}',
  'the step had gone on without it': 'der Schritt war ohne das weitergegangen',
  undoing: 'macht rückgängig',
  'can undo': 'kann rückgängig machen',
  'the "try" had ended': 'das „Versuchen“ war zu Ende',

  // triggers
  'next {time}': 'nächstes Mal {time}',
  'no more times': 'keine Zeiten mehr',
  fired: 'ausgelöst',
  'fired by {by}': 'ausgelöst von {by}',
  true: 'wahr',
  'not true': 'nicht wahr',
  'not known': 'nicht bekannt',
  'not known: {names}': 'nicht bekannt: {names}',
  'true, for less than {span} s': 'wahr, seit weniger als {span} s',
  'true again, within the cool-down': 'wieder wahr, innerhalb der Sperrzeit',
  'nobody listens': 'niemand hört zu',
  '{count} listened': '{count} haben zugehört',

  // jobs
  'waiting for "{name}"': 'wartet auf „{name}“',
  'job {job} completed': 'Auftrag {job} fertig',
  'job {job} failed: {why}': 'Auftrag {job} fehlgeschlagen: {why}',
  'queued {job}': 'eingereiht: {job}',
  '{name} completed': '{name} fertig',
  '{name} failed: {why}': '{name} fehlgeschlagen: {why}',
  '{name} stopped: {why}': '{name} gestoppt: {why}',
  '{name} interrupted: {why}': '{name} unterbrochen: {why}',
  '{name} cancelled: {why}': '{name} abgebrochen: {why}',
  '{done} of {total}': '{done} von {total}',
  '{done} of {total}: {what}': '{done} von {total}: {what}',
  '{name}: {done} of {total}': '{name}: {done} von {total}',
  '{queue} released': '{queue} freigegeben',
  '{queue} held': '{queue} angehalten',
  '{queue} held: {why}': '{queue} angehalten: {why}',

  // machines
  '{program} is waiting for {machine}': '{program} wartet auf {machine}',
  '{program}: line {done} of {total}': '{program}: Zeile {done} von {total}',
  'listening to {machine}': 'hört {machine} zu',
  '{machine} waits for nothing': '{machine} wartet auf nichts',
  '{machine}: not known': '{machine}: nicht bekannt',
  '{machine}: idle': '{machine}: bereit',
  '{machine}: run': '{machine}: läuft',
  '{machine}: hold': '{machine}: Halt',
  '{machine}: jog': '{machine}: verfährt von Hand',
  '{machine}: home': '{machine}: Referenzfahrt',
  '{machine}: alarm': '{machine}: Alarm',
  '{machine}: door': '{machine}: Tür offen',
  'waiting until {what}': 'wartet, bis {what}',
  '{count} wait until {what}': '{count} warten, bis {what}',
  'it is free: idle, without a job, nobody has it': 'sie frei ist: bereit, ohne Auftrag, und niemand hat sie',
  'it is idle': 'sie bereit ist',
  'it stands': 'sie steht',
  'it moves': 'sie sich bewegt',
  'it is held': 'sie angehalten ist',
  'it is in alarm': 'sie im Alarm steht',
  'its position is trusted': 'ihre Position sicher ist',
  'its controller is connected': 'ihre Steuerung verbunden ist',
  'its program waits for a person': 'ihr Programm auf jemanden wartet',
  'checking {program} for {machine}': 'prüft {program} für {machine}',
  '{program} may run, about {span}': '{program} kann laufen, etwa {span}',
  'answered: {answer}': 'beantwortet: {answer}',

  // the panel
  'pressed by {by}': 'gedrückt von {by}',
  'entered by {by}': 'eingegeben von {by}',
  'taken back': 'zurückgenommen',
}

const say = sayerOf(states, germanSentence)

/** @returns the state itself where there is no German */
export const germanNodeState = (english: string): string => say(english) ?? germanSentence(english)

/** The English of all of them, with its blanks. */
export const knownNodeStates: readonly string[] = Object.keys(states)
