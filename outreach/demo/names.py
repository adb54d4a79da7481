"""What invented members are called and where they live: common names, put together by counting."""

ENGLISH_NAMES = (
    "Alex", "Bao", "Casey", "Dana", "Eli", "Fatima", "Grace", "Hana", "Imani", "Jordan",
    "Kai", "Leah", "Minh", "Noor", "Oscar", "Priya", "Quinn", "Ruth", "Sam", "Talia",
    "Uma", "Victor", "Wendy", "Yuki", "Zoë", "Malik", "Renée", "Tomasz", "Aisha",
)  # fmt: skip
SPANISH_NAMES = (
    "Ana", "Beatriz", "Carlos", "Diego", "Elena", "Fabiola", "Gloria", "Héctor", "Inés", "Jesús",
    "Karina", "Luz", "María", "Nicolás", "Olga", "Pedro", "Raúl", "Rosa", "Sofía", "Teresa",
    "Úrsula", "Verónica", "Ximena",
)  # fmt: skip
ENGLISH_SURNAMES = (
    "Adams", "Baker", "Chen", "Dao", "Ellis", "Foster", "Gupta", "Haddad", "Ito", "Johnson",
    "Kim", "Lee", "Mensah", "Nguyen", "O'Neil", "Park", "Quon", "Rossi", "Singh", "Tran",
    "Usman", "Vang", "Walker", "Young", "Zhang", "Diaz-Hill", "Brown", "Petrosyan", "Cole",
)  # fmt: skip
SPANISH_SURNAMES = (
    "Aguilar", "Bautista", "Castro", "Domínguez", "Escobar", "Fuentes", "García", "Hernández", "Ibarra", "Juárez",
    "López", "Muñoz", "Núñez", "Ortega", "Peña", "Quiroz", "Ramírez", "Salazar", "Torres", "Urrutia",
    "Vásquez", "Yáñez", "Zamora",
)  # fmt: skip

# Who goes by another name than the one on the list.
PREFERRED = {"Nicolás": "Nico", "Victor": "Vic"}

# ZIP codes of Los Angeles County and the branch that each lies in.
BRANCHES = (
    ("90033", "Eastside"),
    ("90022", "Eastside"),
    ("90031", "Northeast"),
    ("90042", "Northeast"),
    ("90007", "Central"),
    ("90057", "Central"),
    ("90028", "Central"),
    ("90011", "South Central"),
    ("90044", "South Central"),
    ("90291", "Westside"),
    ("90034", "Westside"),
    ("91405", "San Fernando Valley"),
    ("91331", "San Fernando Valley"),
    ("91101", "San Gabriel Valley"),
    ("90802", "Long Beach"),
    ("90744", "Harbor"),
)
