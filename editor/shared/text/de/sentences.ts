/**
 * Deutsch: sentences that the server keeps or makes in English (why a job ended, why a queue is held, why a button cannot be pressed, what is
 * wrong with the settings of a node), by their English text with its blanks. What is not here is shown as it is.
 */
import { sayerOf } from './patterns.ts'

const sentences: Readonly<Record<string, string>> = {
  // why a job ended
  'Cancelled by {by}.': 'Abgebrochen von {by}.',
  'Its run was cancelled.': 'Sein Lauf wurde abgebrochen.',
  'Tried again by {by}.': 'Noch einmal versucht von {by}.',
  'All {count} lines were run and the machine stands.': 'Alle {count} Zeilen sind gelaufen, und die Maschine steht.',
  'The job was stopped before its first line was sent.': 'Der Auftrag wurde gestoppt, bevor seine erste Zeile gesendet war.',
  'It had not begun by its deadline, and is not begun any more.': 'Er hatte bis zu seiner Frist nicht begonnen und wird nicht mehr begonnen.',
  'It was waiting when {name} on {machine} was {how}. Look at the machine, then start it again.':
    'Er wartete, als {name} auf {machine} {how} wurde. Nach der Maschine sehen, dann noch einmal starten.',
  'The gateway was restarted while a flow worked on it. If the flow ends it all the same, it is shown so.':
    'Der Server wurde neu gestartet, während ein Ablauf daran arbeitete. Beendet der Ablauf ihn trotzdem, wird das gezeigt.',
  'The flow runtime went away while a flow worked on it. Look at what it did before you start it again.':
    'Die Ablaufumgebung ging weg, während ein Ablauf daran arbeitete. Nachsehen, was geschehen ist, bevor Sie ihn noch einmal starten.',
  'The gateway was restarted in the middle of it; it is done the next time.': 'Der Server wurde mittendrin neu gestartet; es wird beim nächsten Mal gemacht.',
  'It was asked for just as the gateway went away, and whoever asked may not know of it. Start it again.':
    'Er wurde verlangt, als der Server gerade wegging, und wer ihn verlangte, weiß vielleicht nichts davon. Noch einmal starten.',

  // why a queue is held
  '{name} on {machine} was {how}. Look at the machine, then release the queue.':
    '{name} auf {machine} wurde {how}. Nach der Maschine sehen, dann die Warteschlange freigeben.',
  '{why}. Make room, then release the queue.': '{why}. Platz schaffen, dann die Warteschlange freigeben.',

  // why a button cannot be pressed
  'The flows are being restarted.': 'Die Abläufe werden gerade neu gestartet.',
  'The machine "{machine}" is not set up.': 'Die Maschine „{machine}“ ist nicht eingerichtet.',
  '{machine} waits for a person to connect it.': '{machine} wartet darauf, dass jemand sie verbindet.',
  '{machine} is not connected.': '{machine} ist nicht verbunden.',
  '{machine} is in alarm.': '{machine} steht im Alarm.',
  '{machine} is in alarm: {alarm}.': '{machine} steht im Alarm: {alarm}.',
  'The door of {machine} is open.': 'Die Tür von {machine} ist offen.',
  '{machine} moves. Wait until it stands.': '{machine} bewegt sich. Warten, bis sie steht.',
  '{machine} works on {program}. Wait until it is done.': '{machine} arbeitet an {program}. Warten, bis sie fertig ist.',
  '{machine} is not idle.': '{machine} steht nicht bereit.',
  '{machine} is in use by {holder}.': '{machine} wird gerade benutzt: {holder}.',

  // what is wrong with a file of work orders
  'it is larger than {size} MB': 'Sie ist größer als {size} MB',
  'it is UTF-16; save it as UTF-8': 'Sie ist in UTF-16; als UTF-8 speichern',
  'it is not UTF-8; save it as "CSV UTF-8"': 'Sie ist nicht in UTF-8; als „CSV UTF-8“ speichern',
  'it is empty': 'Sie ist leer',
  'there is no work order in it': 'Es steht kein Fertigungsauftrag darin',
  'it is not valid JSON: {why}': 'Sie ist kein gültiges JSON: {why}',
  'order {number} stands already at {place}, with other content': 'Der Auftrag {number} steht schon bei {place}, mit anderem Inhalt',
  'more than one column stands for {names}': 'Mehr als eine Spalte steht für {names}',
  'the header row needs the columns {columns}; {missing} not found among: {found}':
    'Die Kopfzeile braucht die Spalten {columns}; {missing} nicht gefunden unter: {found}',

  // what is wrong with the settings of a node
  '{field} is missing.': '{field} fehlt.',
  '{field} must be a number, not "{value}".': '{field} muss eine Zahl sein, nicht „{value}“.',
  '{field} must be one of: {values}.': '{field} muss eines davon sein: {values}.',
  '{field}: choose at least one.': '{field}: mindestens eines wählen.',
  '{field} cannot be read from there: choose one of {sources}.': '{field} lässt sich von dort nicht lesen: eines davon wählen: {sources}.',
  '{rows}, row {row}: {field} is missing.': '{rows}, Zeile {row}: {field} fehlt.',
  'A condition is missing.': 'Eine Bedingung fehlt.',
  'Conditions, row {row}: a tag is one topic, without + and #.': 'Bedingungen, Zeile {row}: Ein Tag ist ein einziges Thema, ohne + und #.',
  'Conditions, row {row}: a word is compared with = or !=, not with {operator}.':
    'Bedingungen, Zeile {row}: Ein Wort wird mit = oder != verglichen, nicht mit {operator}.',
  'Conditions, row {row}: choose a tag.': 'Bedingungen, Zeile {row}: einen Tag wählen.',
  'Conditions, row {row}: say which property, pin or interlock.':
    'Bedingungen, Zeile {row}: sagen, welche Eigenschaft, welcher Eingang oder welche Verriegelung.',
  'Conditions, row {row}: write a number, not "{value}".': 'Bedingungen, Zeile {row}: eine Zahl schreiben, nicht „{value}“.',
  'Choose the machine whose queue it is.': 'Die Maschine wählen, um deren Warteschlange es geht.',
  'No axis is set: give at least one a value.': 'Keine Achse ist gesetzt: mindestens einer einen Wert geben.',
  'No distance is set: give at least one axis a value.': 'Kein Weg ist gesetzt: mindestens einer Achse einen Wert geben.',
  'No factor is set: give at least one axis a value.': 'Kein Faktor ist gesetzt: mindestens einer Achse einen Wert geben.',
  'No override is set: give at least one a value.': 'Kein Override ist gesetzt: mindestens einem einen Wert geben.',
  'Spindle and coolant both stay as they are: choose what to switch.': 'Spindel und Kühlmittel bleiben, wie sie sind: wählen, was geschaltet wird.',
  'Which machine: choose the one to hold or stop.': 'Welche Maschine: die wählen, die angehalten oder gestoppt werden soll.',
  'Line is missing: the command is one line of G-code.': 'Die Zeile fehlt: Der Befehl ist eine Zeile G-Code.',
  'Lower deviation ({lower}) is above the upper one ({upper}).': 'Die untere Abweichung ({lower}) liegt über der oberen ({upper}).',
  'There is no time zone "{zone}": write for example Europe/Berlin.': 'Eine Zeitzone „{zone}“ gibt es nicht: zum Beispiel Europe/Berlin schreiben.',
  'Escalate before the deadline: then the question is taken back, and nobody is told.':
    'Vor der Frist eskalieren: Danach ist die Frage zurückgenommen, und niemand erfährt davon.',
  'Choose a calendar: it says when people work.': 'Einen Kalender wählen: Er sagt, wann gearbeitet wird.',
  'The shortest interval is one second.': 'Der kürzeste Abstand ist eine Sekunde.',
  '"{value}" is not a time: write for example 2026-01-31 06:00.': '„{value}“ ist keine Zeit: zum Beispiel 2026-01-31 06:00 schreiben.',
  'The {part} is "{value}"; it may be {range}, or *.': 'In „{part}“ steht „{value}“; erlaubt ist {range}, oder *.',
}

const say = sayerOf(sentences)

/** @returns the sentence itself where there is no German */
export const germanSentence = (english: string): string => say(english) ?? english

/** The English of all of them, with its blanks. */
export const knownSentences: readonly string[] = Object.keys(sentences)
