"""The rights of a person over what is held of them: access, rectification, portability (UK GDPR, Articles 15, 16, 20).

`declaring` is how a service says where a person can be found and whose data each column is; `clock` counts the month;
`matching` and `searching` find; `withholding` says what a person is given by itself, and `reading` opens a record piece by
piece; `document` and `package` make of it what is handed out. `store` keeps requests, ticks, decisions and statements, `desk`
and `review` show them to a data protection officer, `routes` is for the operator. docs/decisions/0026 tells why each service
answers for its own.
"""
