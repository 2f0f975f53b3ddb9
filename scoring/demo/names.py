"""First names and surnames that are common; together they name nobody."""

from typing import Final

SPANISH_FIRST: Final = tuple(
    """Lucía Martín Sofía Hugo Paula Mateo Valeria Leo Carmen Álvaro Julia Pablo Elena Daniel
    Marina Adrián Irene Diego Noa Manuel Alba Javier Rocío Sergio Inés Andrés Nuria Rubén Pilar
    Iván Ainhoa Óscar Begoña Víctor Ximena Joaquín Camila Rodrigo Renata Emilio Graciela Fermín
    Montserrat Iñaki Candela Ramón Aitana Gonzalo Mercedes Ángel Esther Raúl Yolanda
    Tomás""".split()
)
SPANISH_LAST: Final = tuple(
    """García Ortega Núñez Prieto Cárdenas Vidal Ibáñez Robles Muñoz Salazar Peña Quintana Márquez
    Aguirre Beltrán Castaño Domínguez Escudero Fuentes Galván Herrera Ledesma Méndez Navarro
    Olmedo Pardo Rivas Sáez Tejada Ugarte Valdés Zamora Arribas Bermúdez Cuesta Durán Echeverría
    Figueroa Granados Hinojosa Lozano Mora Nogales Otero Palacios Requena Solís Toledo Villar
    Yáñez Acosta Barrios Cordero Delgado Espinosa""".split()
)
ENGLISH_FIRST: Final = tuple(
    """Olivia George Amelia Arthur Isla Noah Freya Theo Grace Oscar Harriet Jack Imogen Felix
    Beatrice Henry Poppy Edward Florence Samuel Matilda Owen Eleanor Miles Alice Rory Clara Ewan
    Nora Callum Hazel Declan Maeve Gavin Fiona Spencer Audrey Wesley Naomi Trevor Ruth Malcolm
    Joanna Stuart Heather Duncan Miriam Gareth Bridget Lionel Tessa Conrad""".split()
)
ENGLISH_LAST: Final = tuple(
    """Ashworth Barlow Calloway Denham Ellery Fairfax Garland Hadley Ingram Jarvis Kendall
    Langley Mercer Norwood Oakley Prescott Quigley Radcliffe Sheldon Thornton Underhill Vaughan
    Whitaker Yardley Abbott Bramwell Crosby Dalton Everett Fletcher Gibson Holloway Irving Keating
    Lockwood Maddox Newell Osborne Pemberton Ramsey Sinclair Talbot Upton Winslow Atwood Blythe
    Carver Draper Easton Foxley""".split()
)
