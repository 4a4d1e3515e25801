import type { Cost } from '../inspector/costs'

/** What the reader sees of each kind of bytes. */
export const KINDS: Record<Cost['kind'], { name: string; meaning: string }> = {
  magic: {
    name: 'Magic',
    meaning: 'Four fixed bytes (f3 89 9a c2). By them readers know that it is aggregated.'
  },
  key: {
    name: 'Partition keys',
    meaning: 'The table of keys. Each stands here once; user records name it by its number.'
  },
  hashKey: {
    name: 'Explicit hash keys',
    meaning: 'The table of hash keys that the producer chose itself, instead of the MD5 of the partition key.'
  },
  data: { name: 'Data', meaning: 'What the producer wanted to send: the data of the user records.' },
  record: {
    name: 'Around the data',
    meaning: 'Numbers of keys and lengths, a few bytes for each user record.'
  },
  unknown: { name: 'Other fields', meaning: 'Fields that the format does not have. Readers skip them.' },
  unread: { name: 'Unreadable', meaning: 'From here on the bytes make no sense.' },
  md5: { name: 'Checksum', meaning: 'The MD5 of all bytes between the magic and it. It tells damage.' },
  plain: { name: 'Data', meaning: 'All bytes are data: the record is not aggregated.' }
}
